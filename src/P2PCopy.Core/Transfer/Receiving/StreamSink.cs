using System.Security.Cryptography;
using P2PCopy.Files;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Wire;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Content that goes to a stream of the caller, in order, as it arrives. What was written cannot be taken back: whoever
/// reads the stream must wait for the transfer's end to know that it is whole.
/// </summary>
internal sealed class StreamSink(Stream output) : IContentSink
{
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        try
        {
            output.Write(data);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new P2PException(P2PErrorCode.FileWriteError, $"Writing to the output stream failed: {e.Message}", e);
        }
    }

    public void Restore(FilePiece piece, IncrementalHash? hash, CancellationToken cancellationToken)
        => throw new NotSupportedException("A stream has nothing to begin from.");

    public CommitResult Commit(ManifestEntry entry, long length)
    {
        output.Flush();
        return default;
    }

    public void Abandon(bool keepPartial)
    {
    }
}
