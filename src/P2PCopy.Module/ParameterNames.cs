using System.Diagnostics.CodeAnalysis;
using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Module;

/// <summary>The engine's messages name options by their API names; the cmdlets show the names of their parameters.</summary>
internal static class ParameterNames
{
    private static readonly Lazy<Dictionary<string, string>> Names = new(() =>
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        IEnumerable<OptionDefinition> all =
        [
            .. TransferOptionList.For<SendOptions>(), .. SendOptionList.All, .. ReceiveOptionList.All, .. RelayTestOptionList.All, .. RelayOptionList.All,
        ];
        foreach (OptionDefinition definition in all)
            names[definition.Name] = definition.CmdletName;
        return names;
    });

    [return: NotNullIfNotNull(nameof(message))]
    public static string? In(string? message) => message is null ? null : OptionNames.Replace(message, Of);

    /// <summary><c>-WaitTimeoutSeconds</c> for <c>WaitTimeout</c>, <c>-Links Follow</c> for <c>Links Follow</c>.</summary>
    private static string Of(string option)
    {
        string[] words = option.Split(' ');
        words[0] = "-" + Names.Value.GetValueOrDefault(words[0], words[0]);
        return string.Join(' ', words);
    }
}
