namespace P2PCopy.Tool.Prompts;

/// <summary>Asks for one of a few words until one of them, or its beginning, is typed.</summary>
internal sealed class WordQuestion(ToolHost host)
{
    /// <param name="question">The text before the answer.</param>
    /// <param name="words">The possible answers, in lower case. Of several with the same beginning the first is meant.</param>
    /// <param name="usual">The answer of an empty line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>One of the words; null if input ended, the terminal is gone, or Escape was pressed.</returns>
    public string? Ask(string question, IReadOnlyList<string> words, string usual, CancellationToken cancellationToken)
    {
        host.Keyboard.Discard();
        while (true)
        {
            if (new LinePrompt(host).Ask(question, complete: null, cancellationToken) is not { } typed)
                return null;
            string answer = typed.Trim().ToLowerInvariant();
            if (answer.Length == 0)
                return usual;
            if (words.FirstOrDefault(w => w.StartsWith(answer, StringComparison.Ordinal)) is { } word)
                return word;
        }
    }
}
