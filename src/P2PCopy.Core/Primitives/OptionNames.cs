using System.Text.RegularExpressions;

namespace P2PCopy;

/// <summary>
/// The options that a message names: as properties of the API, in backticks and some with a value, such as <c>`CaFile`</c>
/// or <c>`Links Follow`</c>. A program that calls its options otherwise puts its own names there.
/// </summary>
public static partial class OptionNames
{
    /// <summary>Puts other names into a message of this library.</summary>
    /// <param name="message">An error, a warning, or why a file failed.</param>
    /// <param name="rename">What stands in backticks, as it is called here.</param>
    /// <returns>The message with the names that <paramref name="rename"/> gives, without backticks.</returns>
    public static string Replace(string message, Func<string, string> rename)
        => Option().Replace(message, match => rename(match.Groups[1].Value));

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*(?: [A-Z][A-Za-z0-9]*)?)`")]
    private static partial Regex Option();
}
