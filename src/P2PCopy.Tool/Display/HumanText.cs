using System.Globalization;
using System.Text;
using P2PCopy.Primitives;

namespace P2PCopy.Tool.Display;

/// <summary>Formats numbers and names for a terminal.</summary>
internal static class HumanText
{
    public static string Size(double bytes) => ByteText.Size(bytes);

    public static string Rate(double bytesPerSecond) => Size(bytesPerSecond) + "/s";

    public static string Clock(TimeSpan time)
        => time.TotalHours >= 100 ? "long"
            : time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");

    public static string Seconds(TimeSpan time)
        => time.TotalSeconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s") : Clock(time);

    public static string Count(long count, string one)
        => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {one}{(count == 1 ? string.Empty : "s")}");

    /// <summary>Text of the other side with every invisible or control character escaped.</summary>
    public static string Safe(string name) => VisibleText.Of(name);

    /// <summary>A safe name that fits in some columns. The middle is cut, because the end is the most useful part.</summary>
    public static string Fit(string name, int columns)
    {
        string safe = Safe(name);
        if (Columns(safe) <= columns)
            return safe;
        if (columns < 2)
            return string.Empty;

        Rune[] runes = safe.EnumerateRunes().ToArray();
        int head = 0, tail = runes.Length, used = 1;
        while (true)
        {
            bool fromTail = runes.Length - tail <= head * 2;
            int width = Columns(fromTail ? runes[tail - 1] : runes[head]);
            if (used + width > columns)
                break;

            used += width;
            if (fromTail)
                tail--;
            else
                head++;
        }

        return string.Concat(string.Concat(runes[..head].Select(r => r.ToString())), "…", string.Concat(runes[tail..].Select(r => r.ToString())));
    }

    /// <summary>The beginning of a text that fits in some columns.</summary>
    public static string First(string text, int columns)
    {
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            columns -= Columns(rune);
            if (columns < 0)
                break;
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }

    /// <summary>The end of a text that fits in some columns.</summary>
    public static string Last(string text, int columns)
    {
        int start = 0;
        for (int all = Columns(text); all > columns;)
        {
            Rune rune = Rune.GetRuneAt(text, start);
            all -= Columns(rune);
            start += rune.Utf16SequenceLength;
        }

        return text[start..];
    }

    /// <summary>Breaks a text between words into lines of a maximum width; lines after the first are indented.</summary>
    public static string Wrap(string text, int columns, int indent)
    {
        var lines = new StringBuilder();
        int column = 0;
        bool isFirst = true;
        foreach (string word in text.Split(' '))
        {
            int width = Columns(word);
            if (column > indent && column + 1 + width > columns)
            {
                lines.Append('\n').Append(' ', indent);
                column = indent;
            }
            else if (!isFirst)
            {
                lines.Append(' ');
                column++;
            }

            isFirst = false;
            lines.Append(word);
            column += width;
        }

        return lines.ToString();
    }

    /// <summary>Terminal columns of a text: wide for East Asian and emoji, none for combining marks.</summary>
    public static int Columns(string text)
    {
        int columns = 0;
        foreach (Rune rune in text.EnumerateRunes())
            columns += Columns(rune);
        return columns;
    }

    private static int Columns(Rune rune)
    {
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return 0;

        int value = rune.Value;
        bool wide = value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0x303E) or (>= 0x3041 and <= 0x33FF)
            or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xA000 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3)
            or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6)
            or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD);
        return wide ? 2 : 1;
    }
}
