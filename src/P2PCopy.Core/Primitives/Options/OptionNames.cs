using System.Text.RegularExpressions;

namespace P2PCopy;

/// <summary>
/// Replaces the names of options in messages. A message names options as properties of the API, in backticks and possibly with a
/// value: <c>`CaFile`</c>, <c>`Links Follow`</c>. A program with other names for its options can replace them.
/// </summary>
public static partial class OptionNames
{
    /// <summary>Replaces the names of options in a message of this library.</summary>
    /// <param name="message">The message of an error, a warning or a failed file, or a hint.</param>
    /// <param name="rename">Returns the program's own text for the text between two backticks.</param>
    /// <returns>The message with the names that <paramref name="rename"/> gives, without backticks.</returns>
    public static string Replace(string message, Func<string, string> rename)
        => Option().Replace(message, match => rename(match.Groups[1].Value));

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*(?: [A-Z][A-Za-z0-9]*)?)`")]
    private static partial Regex Option();
}
