using System.Buffers;
using System.Security.Cryptography;
using P2PCopy.Files;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Wire;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Content that goes to a stream of the caller, in order, as it arrives. What was written cannot be taken back: whoever
/// reads the stream must wait for the transfer's end to know that it is whole.
/// </summary>
/// <param name="output">The stream. A write to it may block for as long as nobody reads a pipe.</param>
/// <param name="cancellationToken">Ends the waiting for such a write, which is then left to itself.</param>
internal sealed class StreamSink(Stream output, CancellationToken cancellationToken) : IContentSink
{
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        // A copy, since a write that is left to itself still reads it.
        byte[] copy = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(copy);
        int length = data.Length;
        Do("Writing to", () => output.Write(copy, 0, length));
        ArrayPool<byte>.Shared.Return(copy);
    }

    public void Restore(FilePiece piece, IncrementalHash? hash, CancellationToken cancellationToken)
        => throw new NotSupportedException("A stream has nothing to begin from.");

    public CommitResult Commit(ManifestEntry entry, long length)
    {
        Do("Flushing", output.Flush);
        return default;
    }

    public void Abandon(bool keepPartial)
    {
    }

    private void Do(string what, Action action)
    {
        try
        {
            Task.Run(action, cancellationToken).Wait(cancellationToken);
        }
        catch (AggregateException e) when (e.InnerException is IOException or ObjectDisposedException)
        {
            throw new P2PException(P2PErrorCode.FileWriteError, $"{what} the output stream failed: {e.InnerException.Message}", e.InnerException);
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
        }
    }
}
