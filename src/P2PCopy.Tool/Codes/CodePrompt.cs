using P2PCopy.Tool.Display;

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
    public string? Ask(string question, CancellationToken cancellationToken)
    {
        string text = string.Empty;
        host.Error.Write(question);
        while (true)
        {
            ConsoleKeyInfo key;
            try
            {
                key = ToolHost.Read(host.ReadKey, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                host.Error.WriteLine();
                throw;
            }

            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    host.Error.WriteLine();
                    return text;
                case ConsoleKey.Escape:
                case ConsoleKey.D when key.Modifiers == ConsoleModifiers.Control && text.Length == 0:
                    host.Error.WriteLine();
                    return null;
                case ConsoleKey.Backspace when text.Length > 0:
                    text = text[..^1];
                    host.Error.Write("\b \b");
                    break;
                case ConsoleKey.Tab:
                    text = Complete(question, text);
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        text += key.KeyChar;
                        host.Error.Write(key.KeyChar);
                    }

                    break;
            }
        }
    }

    private string Complete(string question, string text)
    {
        IReadOnlyList<string> codes = complete(text);
        if (codes.Count == 0)
            return text;

        string common = codes.Aggregate(CommonPrefix);
        if (common.Length > text.Length)
        {
            host.Error.Write(common[text.Length..]);
            return common;
        }

        if (codes.Count > 1 && !text.EndsWith('-'))
        {
            IEnumerable<string> words = codes.Take(MostChoicesShown).Select(c => c[(c.LastIndexOf('-') + 1)..]);
            host.Error.WriteLine();
            string choices = "  " + string.Join(' ', words) + (codes.Count > MostChoicesShown ? " …" : string.Empty);
            host.Error.WriteLine(HumanText.Wrap(choices, Math.Clamp(host.Width(), 20, 80) - 1, indent: 2));
            host.Error.Write(question + text);
        }

        return text;
    }

    private static string CommonPrefix(string a, string b)
    {
        int length = 0;
        while (length < a.Length && length < b.Length && a[length] == b[length])
            length++;
        return a[..length];
    }
}
