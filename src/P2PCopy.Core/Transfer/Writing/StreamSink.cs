using System.Buffers;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>
/// Writes content to a stream of the caller, in order, as it arrives. Written data cannot be taken back, so the reader of
/// the stream must wait for the end of the transfer to know that the data is complete.
/// </summary>
/// <param name="output">The stream. A write to a pipe takes until the pipe is read; cancelling ends only the wait for it.</param>
internal sealed class StreamSink(Stream output) : IContentSink
{
    // The current write. Meanwhile the next part is received, opened and digested.
    private Task _writing = Task.CompletedTask;

    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await WrittenAsync(cancellationToken).ConfigureAwait(false);

        // A copy, because the caller uses its memory again while the write may still read it.
        byte[] copy = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(copy);
        _writing = Work.Run(() => WriteAsync(copy, data.Length, cancellationToken), cancellationToken);
    }

    public void Restore(FilePiece piece, FileDigest? digest, CancellationToken cancellationToken)
        => throw new NotSupportedException("A stream has nothing to begin from.");

    /// <summary>Waits for the writes, so that a broken stream fails the file before it is confirmed.</summary>
    public async ValueTask<CommitResult> CommitAsync(ManifestEntry entry, long length, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken)
    {
        await WrittenAsync(cancellationToken).ConfigureAwait(false);
        _writing = Work.Run(() => output.FlushAsync(cancellationToken), cancellationToken);
        await WrittenAsync(cancellationToken).ConfigureAwait(false);
        return default;
    }

    public void Abandon(bool keepPartial)
    {
    }

    private async Task WriteAsync(byte[] copy, int length, CancellationToken cancellationToken)
    {
        await output.WriteAsync(copy.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(copy);
    }

    private async Task WrittenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new P2PException(P2PErrorCode.FileWriteError, $"Writing to the output stream failed: {e.Message}", e);
        }
    }
}
