using System.CommandLine;
using System.CommandLine.Parsing;
using P2PCopy.Tool.Codes;

namespace P2PCopy.Tool.Options;

/// <summary>The command line that a user runs again to resume a transfer: the same one without its secrets.</summary>
internal static class RepeatedCommand
{
    public static string Of(ParseResult result)
    {
        var secrets = result.CommandResult.Command.Options.OfType<SecretOption>()
            .SelectMany(o => result.GetResult(o) is { Implicit: false } given ? given.Tokens.Append(given.IdentifierToken) : [])
            .OfType<Token>()
            .ToHashSet();
        IEnumerable<string> words = result.Tokens.Where(t => !secrets.Contains(t) && !TypedCode.IsGenerated(t.Value)).Select(t => Quote(t.Value));
        return string.Join(' ', words.Prepend("p2pcopy"));
    }

    /// <summary>The word as a POSIX shell and PowerShell read it.</summary>
    private static string Quote(string word)
        => word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '=' or ',' or '+' or '\\' or '~') ? word
            : $"'{word.Replace("'", OperatingSystem.IsWindows() ? "''" : "'\\''", StringComparison.Ordinal)}'";
}
