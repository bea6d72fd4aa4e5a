using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>The destination of the content of one item.</summary>
/// <remarks>One caller at a time.</remarks>
internal interface IContentSink
{
    /// <summary>Writes at a position of the file. The caller may use the memory again when this is complete.</summary>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Copies a piece from the existing files, and hashes it.</summary>
    void Restore(FilePiece piece, FileDigest? digest, CancellationToken cancellationToken);

    /// <summary>Completes the destination, because the content is complete and verified.</summary>
    /// <param name="entry">The offered entry.</param>
    /// <param name="length">Bytes of the content.</param>
    /// <param name="digest">Its SHA-256; empty without one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<CommitResult> CommitAsync(ManifestEntry entry, long length, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken);

    /// <summary>Abandons the content, which will not become complete.</summary>
    void Abandon(bool keepPartial);
}
