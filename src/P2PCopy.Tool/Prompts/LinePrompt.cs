using P2PCopy.Tool.Display;

namespace P2PCopy.Tool.Prompts;

/// <summary>Asks for a line on a terminal. Any terminal that knows carriage return and backspace can show it.</summary>
internal sealed class LinePrompt(ToolHost host)
{
    private const int LeastRoom = 8;
    private const string PasteStarts = "[200~";
    private const string PasteEnds = "[201~";

    private readonly EditedLine _line = new();
    private string _prompt = string.Empty;
    private int _drawn;
    private bool _pasting;

    /// <summary>Shows a question and reads the answer. Ctrl+C ends it on a line of its own.</summary>
    /// <param name="question">The text before the answer, which is on its last line.</param>
    /// <param name="complete">
    /// Is called for Tab at the end of the line, with the text. It returns the new text, and lines to show if there are several possible.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The line; null if input ended or Escape was pressed.</returns>
    public string? Ask(string question, Func<string, (string Text, string? Choices)>? complete, CancellationToken cancellationToken)
    {
        string[] lines = HumanText.Wrap(question, host.TextColumns, 0).Split('\n');
        foreach (string line in lines[..^1])
            host.Error.WriteLine(line);
        _prompt = lines[^1];
        Draw();
        try
        {
            while (true)
            {
                (bool isEnd, string? text) = Take(host.Keyboard.Read(cancellationToken), complete);
                if (isEnd)
                    return text;
            }
        }
        catch (IOException)
        {
            // The terminal is gone, so there is no answer.
            return null;
        }
        finally
        {
            host.Error.WriteLine();
        }
    }

    private (bool IsEnd, string? Text) Take(ConsoleKeyInfo key, Func<string, (string Text, string? Choices)>? complete)
    {
        switch (key)
        {
            // A line break in pasted text ends the answer no more than a space does.
            case { Key: ConsoleKey.Enter } or { KeyChar: '\r' or '\n' } when !_pasting:
                return (true, _line.Text);
            case { Key: ConsoleKey.Enter } or { KeyChar: '\r' or '\n' }:
                key = new ConsoleKeyInfo(' ', ConsoleKey.Spacebar, shift: false, alt: false, control: false);
                break;
            case { Key: ConsoleKey.Escape }:
                return (!IsSequence(), null);

            // Input ended: the runtime has no key for it.
            case { KeyChar: '\0', Key: default(ConsoleKey) }:
            case { KeyChar: '\u0004' } when _line.Text.Length == 0:
                return (true, null);
            case { Key: ConsoleKey.Tab } or { KeyChar: '\t' } when !_pasting:
                if (complete is not null && _line.AfterCursor.Length == 0)
                    Complete(complete);
                return (false, null);
        }

        string before = _line.Text;
        _line.Apply(key);
        if (_line.AfterCursor.Length == 0 && _line.Text == before + key.KeyChar && !char.IsSurrogate(key.KeyChar) && Fits(_line.Text))
            Append(key.KeyChar.ToString());
        else if (!char.IsHighSurrogate(key.KeyChar))
            Draw();
        return (false, null);
    }

    /// <summary>Whether an Escape begins a sequence that the runtime does not know; the sequence is consumed.</summary>
    private bool IsSequence()
    {
        string sequence = string.Empty;
        while (host.Keyboard.TryRead(out ConsoleKeyInfo key))
        {
            sequence += key.KeyChar;
            if (sequence is not ("[" or "O") && (char.IsAsciiLetter(key.KeyChar) || key.KeyChar == '~'))
                break;
        }

        _pasting = sequence == PasteStarts || (_pasting && sequence != PasteEnds);
        return sequence.Length > 0;
    }

    private void Complete(Func<string, (string Text, string? Choices)> complete)
    {
        (string text, string? choices) = complete(_line.Text);
        _line.Set(text);
        if (choices is not null)
        {
            host.Error.WriteLine();
            host.Error.WriteLine(choices);
            _drawn = 0;
        }

        Draw();
    }

    private bool Fits(string text) => HumanText.Columns(_prompt) + HumanText.Columns(text) < host.ErrorColumns;

    private void Append(string text)
    {
        host.Error.Write(text);
        _drawn = HumanText.Columns(_prompt) + HumanText.Columns(_line.Text);
    }

    /// <summary>Draws the line again. If it is too long, the part around the cursor.</summary>
    private void Draw()
    {
        int room = Math.Max(LeastRoom, host.ErrorColumns - HumanText.Columns(_prompt) - 1);
        string before = HumanText.Last(_line.BeforeCursor, room - Math.Min(HumanText.Columns(_line.AfterCursor), room / 3));
        string after = HumanText.First(_line.AfterCursor, room - HumanText.Columns(before));
        string shown = _prompt + before + after;
        int columns = HumanText.Columns(shown), rest = Math.Max(0, _drawn - columns);
        host.Error.Write("\r" + shown + new string(' ', rest) + new string('\b', rest + HumanText.Columns(after)));
        _drawn = columns;
    }
}
