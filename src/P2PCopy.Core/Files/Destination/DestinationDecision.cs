using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>The receiver's decision about an offered entry.</summary>
internal enum DecisionKind
{
    /// <summary>A file to transfer, a folder to make or a link to make.</summary>
    Want,

    /// <summary>The destination already has it.</summary>
    Unchanged,

    /// <summary>The conflict policy keeps the existing file.</summary>
    Skip,

    /// <summary>It is refused, with a code and a sentence.</summary>
    Refuse,
}

/// <summary>The decision about one offered entry. Nothing has been written yet.</summary>
internal readonly record struct DestinationDecision
{
    /// <summary>The kind of the decision.</summary>
    public DecisionKind Kind { get; init; }

    /// <summary>The full local path; null when the name is refused.</summary>
    public string? FullPath { get; init; }

    /// <summary>
    /// Bytes of the existing file at <see cref="FullPath"/>, whose blocks the new content may use; -1 if there is none.
    /// </summary>
    public long ExistingLength { get; init; }

    /// <summary>Whether the content replaces a file or link that exists.</summary>
    public bool Replaces { get; init; }

    /// <summary>Whether nothing had the name.</summary>
    public bool IsNew { get; init; }

    /// <summary>Whether the replaced file is newer than the offered one.</summary>
    public bool IsNewerHere { get; init; }

    /// <summary>Whether its folder is behind a link that is here.</summary>
    public bool IsThroughLink { get; init; }

    /// <summary>The partial file of an earlier run; null if there is none.</summary>
    public string? PartialPath { get; init; }

    /// <summary>Bytes of <see cref="PartialPath"/>.</summary>
    public long PartialLength { get; init; }

    /// <summary>The error code of a refusal.</summary>
    public P2PErrorCode Code { get; init; }

    /// <summary>A sentence for <see cref="Code"/>, or the reason why it is skipped.</summary>
    public string? Message { get; init; }

    /// <summary>What to do about a refusal; null if there is no advice.</summary>
    public string? Hint { get; init; }

    public static DestinationDecision Want(string path, long existingLength)
        => new() { Kind = DecisionKind.Want, FullPath = path, ExistingLength = existingLength };

    public static DestinationDecision New(string path) => Want(path, -1) with { IsNew = true };

    public static DestinationDecision Unchanged(string path)
        => new() { Kind = DecisionKind.Unchanged, FullPath = path, ExistingLength = -1 };

    public static DestinationDecision Skip(string path, string why)
        => new() { Kind = DecisionKind.Skip, FullPath = path, ExistingLength = -1, Message = $"\"{VisibleText.Name(path)}\" was left as it is: {why}." };

    /// <summary>The user keeps the file that is here.</summary>
    public static DestinationDecision Keep(string path) => Skip(path, "it exists, and the receiver keeps it");

    public static DestinationDecision Refuse(P2PErrorCode code, string message, string? hint = null)
        => new() { Kind = DecisionKind.Refuse, ExistingLength = -1, Code = code, Message = message, Hint = hint };

    public static DestinationDecision Refuse(P2PException why) => Refuse(why.Code, why.Message, why.Hint);
}
