using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>Text of the other side on a terminal. The views of the results use it; the properties of the results have the original text.</summary>
public static class P2PText
{
    /// <summary>One line in which control, format and invisible characters are shown as escapes.</summary>
    /// <param name="text">Any text; null gives an empty one.</param>
    public static string Visible(string? text) => VisibleText.Of(text ?? string.Empty);
}
