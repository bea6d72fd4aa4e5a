namespace P2PCopy.Tool.Display;

/// <summary>The word before a sentence on the error stream, and its colour on a terminal.</summary>
/// <param name="Text">The word, with the space behind it.</param>
/// <param name="Colour">The number of the SGR sequence; null has none.</param>
internal sealed record Label(string Text, string? Colour = null)
{
    private const string Reset = "\u001b[0m";

    public static readonly Label Error = new("error: ", "1;31");
    public static readonly Label Hint = new("hint:  ", "36");
    public static readonly Label Warning = new("Warning: ", "33");
    public static readonly Label Failed = new("Failed: ", "31");
    public static readonly Label Indent = new("        ");
    public static readonly Label None = new(string.Empty);

    /// <summary>The label and the sentence. On a terminal the lines after the first are indented by the width of the label.</summary>
    public string Before(string sentence, ToolHost host)
    {
        string text = Text + sentence;
        if (host.ErrorIsTerminal)
            text = HumanText.Wrap(text, host.TextColumns, Text.Length);
        string word = Text.TrimEnd();
        return Colour is not null && host.ErrorHasColour ? $"\u001b[{Colour}m{word}{Reset}{text[word.Length..]}" : text;
    }
}
