namespace P2PCopy.Files.Destination;

/// <summary>What a receiver wants of an offered entry.</summary>
internal enum DecisionKind
{
    /// <summary>A file to transfer, a folder to make or a link to make.</summary>
    Want,

    /// <summary>It is here already.</summary>
    Unchanged,

    /// <summary>The conflict policy keeps what is here.</summary>
    Skip,

    /// <summary>It fails: see the code and the sentence.</summary>
    Refuse,
}

/// <summary>The answer to one offered entry. Nothing has been touched yet.</summary>
internal readonly record struct DestinationDecision
{
    /// <summary>What is wanted.</summary>
    public DecisionKind Kind { get; init; }

    /// <summary>The full local path; null when the name is refused.</summary>
    public string? FullPath { get; init; }

    /// <summary>
    /// Bytes of the existing file at <see cref="FullPath"/> that the new content may have blocks in common with; -1
    /// when there is none.
    /// </summary>
    public long ExistingLength { get; init; }

    /// <summary>The file that an earlier run left unfinished; null when there is none.</summary>
    public string? PartialPath { get; init; }

    /// <summary>Bytes of <see cref="PartialPath"/>.</summary>
    public long PartialLength { get; init; }

    /// <summary>Why it is refused.</summary>
    public P2PErrorCode Code { get; init; }

    /// <summary>A sentence for <see cref="Code"/>, or why it is skipped.</summary>
    public string? Message { get; init; }
}
