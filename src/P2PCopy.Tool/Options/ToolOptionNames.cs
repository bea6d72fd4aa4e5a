using System.Diagnostics.CodeAnalysis;
using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The engine's messages name options by their API names; this tool shows its own names.</summary>
internal static class ToolOptionNames
{
    private static readonly Lazy<Dictionary<string, string>> Names = new(() =>
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        IEnumerable<OptionDefinition> all =
        [
            .. TransferOptionList.For<SendOptions>(), .. SendOptionList.All, .. ReceiveOptionList.All, .. RelayTestOptionList.All, .. RelayOptionList.All,
        ];
        foreach (OptionDefinition definition in all)
            names[definition.Name] = definition.ToolName;
        return names;
    });

    [return: NotNullIfNotNull(nameof(message))]
    public static string? In(string? message) => message is null ? null : OptionNames.Replace(message, Of);

    /// <summary><c>--wait-timeout</c> for <c>WaitTimeout</c>, <c>--links follow</c> for <c>Links Follow</c>.</summary>
    private static string Of(string option)
    {
        string[] words = option.Split(' ');
        string name = Names.Value.TryGetValue(words[0], out string? known) ? known : "--" + OptionDefinition.Kebab(words[0]);
        return string.Join(' ', [name, .. words.Skip(1).Select(OptionDefinition.Kebab)]);
    }
}
