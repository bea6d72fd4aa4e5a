namespace P2PCopy.Files.Source;

/// <summary>The selection of a sender.</summary>
internal sealed record SourceSelection
{
    /// <summary>Files and folders, literal.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>The folder that destination names are relative to; null gives every item its own last name.</summary>
    public string? BasePath { get; init; }

    /// <summary>Patterns of destination names to send; empty for all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of destination names to leave out; stronger.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>What to do with symbolic links.</summary>
    public LinkPolicy Links { get; init; }
}
