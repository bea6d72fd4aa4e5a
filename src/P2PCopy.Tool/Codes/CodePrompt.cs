using P2PCopy.Tool.Display;
using P2PCopy.Tool.Prompts;

namespace P2PCopy.Tool.Codes;

/// <summary>
/// Asks for a code on a terminal, echoing what is typed. Tab completes the word at the end, and lists the choices when
/// there are several.
/// </summary>
/// <param name="host">The process.</param>
/// <param name="complete">Completes the word at the end of a partly typed code.</param>
internal sealed class CodePrompt(ToolHost host, Func<string, IReadOnlyList<string>> complete)
{
    private const int MostChoicesShown = 12;

    /// <summary>The line; null if input ended or Escape was pressed.</summary>
    /// <param name="question">The text before the input.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public string? Ask(string question, CancellationToken cancellationToken) => new LinePrompt(host).Ask(question, Complete, cancellationToken);

    private (string Text, string? Choices) Complete(string text)
    {
        IReadOnlyList<string> codes = complete(text);
        if (codes.Count == 0)
            return (text, null);

        string common = codes.Aggregate(CommonPrefix);
        if (common.Length > text.Length)
            return (common, null);
        if (codes.Count == 1 || text.EndsWith('-'))
            return (text, null);
        IEnumerable<string> words = codes.Take(MostChoicesShown).Select(c => c[(c.LastIndexOf('-') + 1)..]);
        string choices = "  " + string.Join(' ', words) + (codes.Count > MostChoicesShown ? " …" : string.Empty);
        return (text, HumanText.Wrap(choices, host.ErrorColumns, indent: 2));
    }

    private static string CommonPrefix(string a, string b)
    {
        int length = 0;
        while (length < a.Length && length < b.Length && a[length] == b[length])
            length++;
        return a[..length];
    }
}
