using System.Globalization;
using System.Text;

namespace P2PCopy.Session;

/// <summary>Text from the other side, which may be anybody, on its way to a terminal or a log.</summary>
internal static class PeerText
{
    /// <summary>
    /// One line of at most <paramref name="limit"/> characters without anything that moves a cursor, changes a colour or
    /// turns the direction of writing.
    /// </summary>
    public static string Printable(string text, int limit)
    {
        var line = new StringBuilder(Math.Min(text.Length, limit));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > limit) break;
            bool printable = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            line.Append(printable ? rune.ToString() : " ");
        }

        return line.ToString().Trim();
    }
}
