namespace P2PCopy.Transfer.Control;

/// <summary>What a receiver can say to an entry, besides wanting it.</summary>
internal static class Answers
{
    public const string Unchanged = "unchanged";
    public const string Skip = "skip";
    public const string Refuse = "refuse";
    public const string Blocks = "blocks";
}
