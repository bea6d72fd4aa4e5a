using System.Security.Cryptography;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Writing;

/// <summary>Where the content of one item goes.</summary>
/// <remarks>One caller at a time.</remarks>
internal interface IContentSink
{
    /// <summary>Writes at a position of the file. The caller may use the memory again when this is complete.</summary>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Gets a piece from what is here already, and digests it.</summary>
    void Restore(FilePiece piece, IncrementalHash? hash, CancellationToken cancellationToken);

    /// <summary>The content is whole and verified.</summary>
    /// <param name="entry">What was offered.</param>
    /// <param name="length">Bytes of the content.</param>
    /// <param name="digest">Its SHA-256; empty without one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<CommitResult> CommitAsync(ManifestEntry entry, long length, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken);

    /// <summary>The content will not become whole.</summary>
    void Abandon(bool keepPartial);
}
