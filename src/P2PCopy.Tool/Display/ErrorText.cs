using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Display;

/// <summary>An error as text: one sentence, and the hint on a line of its own.</summary>
internal static class ErrorText
{
    /// <summary>Columns before the text; wrapped lines are indented by them.</summary>
    public const int Indent = 7;

    /// <summary><c>error: SENTENCE [CODE]</c> and, where there is one, <c>hint:  HINT</c>.</summary>
    public static IEnumerable<string> Lines(P2PException error)
    {
        yield return $"error: {Safe(error.Message)} [{error.Code}]";
        if (error.Hint is { } hint)
            yield return $"hint:  {Safe(hint)}";
    }

    private static string Safe(string text) => HumanText.Safe(ToolOptionNames.In(text));
}
