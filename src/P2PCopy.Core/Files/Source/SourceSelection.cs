namespace P2PCopy.Files.Source;

/// <summary>The selection of a sender.</summary>
internal sealed record SourceSelection
{
    /// <summary>Files and folders, without wildcards.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>The folder that destination names are relative to; null uses the last name of every item.</summary>
    public string? BasePath { get; init; }

    /// <summary>Patterns of destination names to send; empty for all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of destination names to leave out; they override <see cref="Include"/>.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>How to treat symbolic links.</summary>
    public LinkPolicy Links { get; init; }
}
