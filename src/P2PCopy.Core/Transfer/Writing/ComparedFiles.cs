using P2PCopy.Files.Platform;

namespace P2PCopy.Transfer.Writing;

/// <summary>The files that a plan was made from. It holds for these files as they were then, and for no others.</summary>
/// <param name="Partial">The partial file.</param>
/// <param name="Existing">The existing destination.</param>
internal sealed record ComparedFiles(FileStat Partial, FileStat Existing)
{
    /// <summary>SHA-256 of the existing destination; null if it is not known.</summary>
    public byte[]? ExistingDigest { get; init; }

    public static ComparedFiles None { get; } = new(default, default);
}
