using System.Globalization;
using System.Text;

namespace P2PCopy.Session.Pairing;

/// <summary>
/// The form of generated codes, and the ways in which people type and paste them: capitals, spaces, underscores or other
/// dashes between the words, quotation marks around the code, zero-width characters inside it (docs/protocol.md §1).
/// </summary>
internal static class GeneratedForm
{
    /// <summary>Characters in a generated route.</summary>
    public const int RouteLength = 6;

    /// <summary>Crockford's base 32: no i, l, o and u, so that characters are not confused and rarely form words.</summary>
    public const string RouteAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>The most words in a generated code.</summary>
    public const int MaximumWordCount = 12;

    private const int ShortestWord = 4;
    private const int LongestWord = 7;

    /// <summary>The code in its canonical form, or null when the text does not have the form of a generated code.</summary>
    /// <param name="typed">The text as it was typed or pasted.</param>
    public static string? Of(string typed) => Of(typed, out _);

    /// <summary>The code in its canonical form, or null when the text does not have the form of a generated code.</summary>
    /// <param name="typed">The text as it was typed or pasted.</param>
    /// <param name="misspelled">
    /// The position of the first word, from 1, that is one edit away from a word of the list while other words are in the
    /// list: no generated code has such a word. 0 if there is none.
    /// </param>
    public static string? Of(string typed, out int misspelled)
    {
        misspelled = 0;
        string? text = Clean(typed);
        if (text is null)
            return null;
        string[] parts = text.Contains('-', StringComparison.Ordinal) ? text.Split('-') : SplitWords(text);
        if (parts.Length is < 1 + PairingCode.DefaultWordCount or > 1 + MaximumWordCount || parts[0].Length != RouteLength)
            return null;

        parts[0] = ReadRoute(parts[0]);
        string?[] words = [.. parts.Skip(1).Select(PairingWords.Read)];
        if (words.Any(w => w is not null))
            misspelled = Enumerable.Range(1, words.Length).FirstOrDefault(i => words[i - 1] is null && PairingWords.IsMisspelled(parts[i]));
        for (int i = 0; i < words.Length; i++)
            parts[i + 1] = words[i] ?? parts[i + 1];
        return parts[0].All(c => RouteAlphabet.Contains(c)) && parts.Skip(1).All(IsWord) ? string.Join('-', parts) : null;
    }

    /// <summary>
    /// A route with the length of a generated one, by Crockford's rules for reading: o is a zero, i and l are ones. Any other
    /// route is returned unchanged. It does not depend on the secret, so that codes with the same route meet in the same room.
    /// </summary>
    /// <param name="route">The route in lower case.</param>
    public static string ReadRoute(string route)
        => route.Length == RouteLength && route.All(char.IsAsciiLetterOrDigit)
            ? route.Replace('o', '0').Replace('i', '1').Replace('l', '1')
            : route;

    /// <summary>The route and the words of a code that was typed without separators; the whole text if it is none.</summary>
    private static string[] SplitWords(string text)
        => text.Length > RouteLength && PairingWords.Split(text[RouteLength..], MaximumWordCount) is { } words ? [text[..RouteLength], .. words] : [text];

    private static bool IsWord(string part) => part.Length is >= ShortestWord and <= LongestWord && part.All(char.IsAsciiLetterLower);

    /// <summary>ASCII in lower case, with one dash for each run of separators; null if any other character remains.</summary>
    private static string? Clean(string typed)
    {
        var text = new StringBuilder(typed.Length);
        bool isSeparated = false;
        foreach (char c in typed)
        {
            if (IsIgnored(c))
                continue;
            if (IsSeparator(c))
            {
                isSeparated = true;
                continue;
            }

            if (!char.IsAsciiLetterOrDigit(c))
                return null;
            if (isSeparated && text.Length > 0)
                text.Append('-');
            isSeparated = false;
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    private static bool IsSeparator(char c)
        => c is '_' or '\u2212' || char.IsWhiteSpace(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.DashPunctuation;

    private static bool IsIgnored(char c)
        => c is '"' or '\'' or '`' or '\u00b4' or '\u201a' or '\u201e' || CharUnicodeInfo.GetUnicodeCategory(c)
            is UnicodeCategory.Format or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation;
}
