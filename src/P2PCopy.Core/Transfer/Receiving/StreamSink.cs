using System.Buffers;
using System.Security.Cryptography;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Content that goes to a stream of the caller, in order, as it arrives. Written data cannot be taken back, so the reader of
/// the stream must wait for the end of the transfer to know that the data is complete.
/// </summary>
/// <param name="output">The stream. A write to a pipe blocks until the pipe is read.</param>
/// <param name="cancellationToken">Ends the wait for such a write; the write itself continues.</param>
internal sealed class StreamSink(Stream output, CancellationToken cancellationToken) : IContentSink
{
    // The current write. Meanwhile the next part is received, opened and digested.
    private Task _writing = Task.CompletedTask;

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        Wait();

        // A copy, because the caller reuses its memory while the write may still read it.
        byte[] copy = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(copy);
        int length = data.Length;
        _writing = Task.Run(
            () =>
            {
                output.Write(copy, 0, length);
                ArrayPool<byte>.Shared.Return(copy);
            },
            cancellationToken);
    }

    public void Restore(FilePiece piece, IncrementalHash? hash, CancellationToken cancellationToken)
        => throw new NotSupportedException("A stream has nothing to begin from.");

    /// <summary>Waits for the writes, so that a broken stream fails the file before it is confirmed.</summary>
    public CommitResult Commit(ManifestEntry entry, long length)
    {
        Wait();
        _writing = Task.Run(output.Flush, cancellationToken);
        Wait();
        return default;
    }

    public void Abandon(bool keepPartial)
    {
    }

    private void Wait()
    {
        try
        {
            _writing.Wait(cancellationToken);
        }
        catch (AggregateException e) when (e.InnerException is IOException or ObjectDisposedException)
        {
            throw new P2PException(P2PErrorCode.FileWriteError, $"Writing to the output stream failed: {e.InnerException.Message}", e.InnerException);
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
        }
    }
}
