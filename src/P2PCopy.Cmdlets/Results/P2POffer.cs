namespace P2PCopy.Cmdlets;

/// <summary>The files and folders that would be transferred.</summary>
public sealed class P2POffer
{
    internal P2POffer(P2POfferEntry[] entries) => Entries = entries;

    /// <summary>Number of files.</summary>
    public long FileCount { get; internal init; }

    /// <summary>Number of folders.</summary>
    public long FolderCount { get; internal init; }

    /// <summary>Bytes of all files; -1 if unknown.</summary>
    public long Length { get; internal init; }

    /// <summary>Free bytes at the destination; empty on the sender.</summary>
    public long? FreeSpace { get; internal init; }

    /// <summary>What the receiver would do with it; empty on the sender.</summary>
    public P2PPlan? Plan { get; internal init; }

    /// <summary>The first files, folders and links, at most 1000.</summary>
    public P2POfferEntry[] Entries { get; }
}
