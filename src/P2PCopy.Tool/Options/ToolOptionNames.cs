using System.Diagnostics.CodeAnalysis;

namespace P2PCopy.Tool.Options;

/// <summary>The engine's messages name options as its API does; here they are this tool's.</summary>
internal static class ToolOptionNames
{
    [return: NotNullIfNotNull(nameof(message))]
    public static string? In(string? message) => message is null ? null : OptionNames.Replace(message, Of);

    /// <summary><c>--wait-timeout</c> for <c>WaitTimeoutSeconds</c>, <c>--links follow</c> for <c>Links Follow</c>.</summary>
    private static string Of(string option)
    {
        const string Seconds = "Seconds";
        string[] words = option.Split(' ');
        string name = words[0].EndsWith(Seconds, StringComparison.Ordinal) ? words[0][..^Seconds.Length] : words[0];
        return string.Join(' ', ["--" + Define.Kebab(name), .. words.Skip(1).Select(Define.Kebab)]);
    }
}
