using System.Buffers;
using System.Security.Cryptography;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Content that goes to a stream of the caller, in order, as it arrives. What was written cannot be taken back: whoever
/// reads the stream must wait for the transfer's end to know that it is whole.
/// </summary>
/// <param name="output">The stream. A write to it may block for as long as nobody reads a pipe.</param>
/// <param name="cancellationToken">Ends the waiting for such a write, which is then left to itself.</param>
internal sealed class StreamSink(Stream output, CancellationToken cancellationToken) : IContentSink
{
    // The write in work: while it goes on, the next part is received, opened and digested.
    private Task _writing = Task.CompletedTask;

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        Wait();

        // A copy, since the caller's memory is used again, and a write that is left to itself still reads it.
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

    /// <summary>Waits for what was written, so a stream that broke fails the file before it is confirmed.</summary>
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
