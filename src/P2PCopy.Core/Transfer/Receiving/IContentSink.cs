using System.Security.Cryptography;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Where the content of one item goes.</summary>
internal interface IContentSink
{
    /// <summary>Writes at a position of the file.</summary>
    void Write(long offset, ReadOnlySpan<byte> data);

    /// <summary>Gets a piece from what is here already, and digests it.</summary>
    void Restore(FilePiece piece, IncrementalHash? hash, CancellationToken cancellationToken);

    /// <summary>The content is whole and verified.</summary>
    CommitResult Commit(ManifestEntry entry, long length);

    /// <summary>The content will not become whole.</summary>
    void Abandon(bool keepPartial);
}
