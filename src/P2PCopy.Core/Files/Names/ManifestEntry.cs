namespace P2PCopy.Files.Names;

/// <summary>An entry that a sender offers.</summary>
/// <param name="Name">Destination name: relative, <c>/</c> between parts, as the sender's file system spells it.</param>
/// <param name="Kind">File, folder or link.</param>
/// <param name="Length">Bytes of a file, or -1 when it is only known at its end; 0 for others.</param>
/// <param name="Modified">Modification time, UTC.</param>
/// <param name="Mode">Unix permission bits (0 to 0777) or null where the sender has none.</param>
/// <param name="ReadOnly">The read-only attribute, where the sender has no mode.</param>
/// <param name="LinkTarget">What a link points to, as written in it; null for others.</param>
internal sealed record ManifestEntry(
    string Name,
    EntryKind Kind,
    long Length,
    DateTime Modified,
    int? Mode = null,
    bool ReadOnly = false,
    string? LinkTarget = null)
{
    /// <summary>Bytes that the file takes on the sender's disk, if they are fewer than its length; else null.</summary>
    public long? Allocated { get; init; }
}

/// <summary>The kind of an entry.</summary>
internal enum EntryKind
{
    File,
    Folder,
    Link,
}
