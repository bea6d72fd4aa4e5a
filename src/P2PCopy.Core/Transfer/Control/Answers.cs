namespace P2PCopy.Transfer.Control;

/// <summary>The answers to an entry. An entry without an answer is wanted whole.</summary>
internal static class Answers
{
    /// <summary>The receiver has the file.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>The receiver does not want the entry.</summary>
    public const string Skip = "skip";

    /// <summary>The receiver cannot take the entry.</summary>
    public const string Refuse = "refuse";

    /// <summary>The receiver wants the file and may have a part of it: the sender lists its blocks.</summary>
    public const string Blocks = "blocks";
}
