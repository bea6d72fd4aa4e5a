using System.Globalization;

namespace P2PCopy.Tool.Prompts;

/// <summary>A line that is being typed, and its cursor. It has the keys of a shell and no history.</summary>
internal sealed class EditedLine
{
    /// <summary>The text.</summary>
    public string Text { get; private set; } = string.Empty;

    /// <summary>The position in <see cref="Text"/> before which a character is inserted.</summary>
    public int Cursor { get; private set; }

    public string BeforeCursor => Text[..Cursor];

    public string AfterCursor => Text[Cursor..];

    /// <summary>Replaces the text; the cursor is at its end.</summary>
    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    /// <summary>Changes the line as the key says; keys without a meaning do nothing.</summary>
    public void Apply(ConsoleKeyInfo key)
    {
        bool byWord = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key)
        {
            case { Key: ConsoleKey.LeftArrow }:
                Cursor = byWord ? WordStart() : Previous();
                break;
            case { Key: ConsoleKey.RightArrow }:
                Cursor = byWord ? WordEnd() : Next();
                break;
            case { Key: ConsoleKey.Home } or { KeyChar: '\u0001' }:
                Cursor = 0;
                break;
            case { Key: ConsoleKey.End } or { KeyChar: '\u0005' }:
                Cursor = Text.Length;
                break;
            case { KeyChar: '\u0002' }:
                Cursor = Previous();
                break;
            case { KeyChar: '\u0006' }:
                Cursor = Next();
                break;
            case { Key: ConsoleKey.Delete } or { KeyChar: '\u0004' }:
                Remove(Cursor, Next());
                break;
            case { Key: ConsoleKey.Backspace } or { KeyChar: '\b' or '\u007f' }:
                Remove(Previous(), Cursor);
                break;
            case { KeyChar: '\u0015' }:
                Remove(0, Cursor);
                break;
            case { KeyChar: '\u000b' }:
                Remove(Cursor, Text.Length);
                break;
            case { KeyChar: '\u0017' }:
                Remove(WordStart(), Cursor);
                break;
            case { KeyChar: var c } when !char.IsControl(c):
                Text = Text.Insert(Cursor++, c.ToString());
                break;
        }
    }

    private void Remove(int start, int end) => (Text, Cursor) = (Text.Remove(start, end - start), start);

    /// <summary>The start of the character before the cursor, with its combining marks.</summary>
    private int Previous() => StringInfo.ParseCombiningCharacters(Text).LastOrDefault(start => start < Cursor);

    private int Next() => Cursor == Text.Length ? Cursor : Cursor + StringInfo.GetNextTextElementLength(Text, Cursor);

    private int WordStart()
    {
        int start = Cursor;
        while (start > 0 && !IsOfWord(Text[start - 1]))
            start--;
        while (start > 0 && IsOfWord(Text[start - 1]))
            start--;
        return start;
    }

    private int WordEnd()
    {
        int end = Cursor;
        while (end < Text.Length && !IsOfWord(Text[end]))
            end++;
        while (end < Text.Length && IsOfWord(Text[end]))
            end++;
        return end;
    }

    // A dash separates the words of a code.
    private static bool IsOfWord(char c) => !char.IsWhiteSpace(c) && c is not ('-' or '_');
}
