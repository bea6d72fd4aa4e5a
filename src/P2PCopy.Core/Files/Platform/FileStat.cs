namespace P2PCopy.Files.Platform;

/// <summary>The attributes of a file, folder or link, from one call.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">Bytes of a file.</param>
/// <param name="Modified">Modification time, UTC, to 100 ns.</param>
/// <param name="Mode">Permission and special bits, or null where there are none.</param>
/// <param name="ReadOnly">The read-only attribute, where there is no mode.</param>
/// <param name="Device">Device number; with <paramref name="Inode"/> the identity, 0 where unknown.</param>
/// <param name="Inode">File number on the device; 0 where unknown.</param>
internal readonly partial record struct FileStat(
    FileStatKind Kind,
    long Length,
    DateTime Modified,
    UnixFileMode? Mode,
    bool ReadOnly,
    ulong Device,
    ulong Inode)
{
    /// <summary>The user id of the owner; null where unknown.</summary>
    public uint? Owner { get; init; }

    /// <summary>Names of the file; 1 where unknown.</summary>
    public uint Links { get; init; } = 1;

    /// <summary>Bytes that the file takes on the disk; its length where unknown.</summary>
    public long Allocated { get; init; }

    /// <summary>Time of the last change of content or metadata, UTC; the modification time where unknown.</summary>
    public DateTime Changed { get; init; }

    /// <summary>True when both are one and the same file; false where the platform does not tell.</summary>
    public bool IsSameAs(in FileStat other) => Inode != 0 && Inode == other.Inode && Device == other.Device;

    /// <summary>True when this is the same file as <paramref name="earlier"/> and it was not changed since.</summary>
    public bool IsUnchangedSince(in FileStat earlier)
        => Kind == earlier.Kind && Length == earlier.Length && Modified == earlier.Modified && Changed == earlier.Changed
            && Inode == earlier.Inode && Device == earlier.Device;
}

/// <summary>The kind of a file system entry.</summary>
internal enum FileStatKind
{
    File,
    Folder,
    Link,

    /// <summary>A pipe, socket or device.</summary>
    Special,
}
