using System.Globalization;
using System.Text;

#if CMDLETS
namespace P2PCopy.Cmdlets.Shared;
#else
namespace P2PCopy.Primitives;
#endif

/// <summary>
/// Makes untrusted text, such as text of the other side, safe for a terminal or a log. Every character that is invisible or that
/// controls a terminal is shown as an escape.
/// </summary>
internal static class VisibleText
{
    private const int NameLimit = 300;

    /// <summary>A name for a sentence; a name with more than 300 characters is cut.</summary>
    public static string Name(string name) => Of(name, NameLimit);

    /// <summary>
    /// One line in which control, format, bidirectional, zero-width, invisible and tag characters, lone surrogates, and unassigned
    /// characters are replaced with <c>\xNN</c>, <c>\uNNNN</c> or <c>\UNNNNNNNN</c>.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="limit">Maximum number of UTF-16 units of <paramref name="text"/>; an ellipsis replaces the rest.</param>
    public static string Of(string text, int limit = int.MaxValue)
    {
        if (text.Length <= limit && text.All(c => c is >= ' ' and <= '~'))
            return text;

        var line = new StringBuilder(Math.Min(text.Length, limit) + 8);
        for (int i = 0; i < text.Length;)
        {
            bool whole = Rune.TryGetRuneAt(text, i, out Rune rune);
            int length = whole ? rune.Utf16SequenceLength : 1;
            if (i + length > limit)
                return line.Append('…').ToString();
            int value = whole ? rune.Value : text[i];
            if (whole && !IsHidden(rune))
                line.Append(text, i, length);
            else if (value <= 0xff)
                line.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
            else if (value <= 0xffff)
                line.Append(CultureInfo.InvariantCulture, $"\\u{value:x4}");
            else
                line.Append(CultureInfo.InvariantCulture, $"\\U{value:x8}");
            i += length;
        }

        return line.ToString();
    }

    private static bool IsHidden(Rune rune) => IsDefaultIgnorable(rune.Value) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>
    /// Letters and marks that are shown as nothing: those of Unicode's Default_Ignorable_Code_Point that have no category of their own
    /// (fillers, joiners, variation selectors), and the empty Braille pattern.
    /// </summary>
    private static bool IsDefaultIgnorable(int value) => value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
        or 0x2800 or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0100 and <= 0xE01EF);
}
