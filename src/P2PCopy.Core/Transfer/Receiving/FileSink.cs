using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files;
using P2PCopy.Transfer.Wire;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Content that goes to a partial file and is renamed when it is whole.</summary>
/// <param name="file">The partial.</param>
/// <param name="openExisting">Opens the existing destination, for pieces that are copied from it.</param>
internal sealed class FileSink(IncomingFile file, Func<SafeFileHandle> openExisting) : IContentSink
{
    private const int BufferLength = 1 << 20;

    private SafeFileHandle? _existing;

    public void Write(long offset, ReadOnlySpan<byte> data) => file.Write(offset, data);

    public void Restore(FilePiece piece, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        if (piece.Kind == PieceKind.Keep && hash is null)
            return;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            for (long done = 0; done < piece.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Span<byte> part = buffer.AsSpan(0, (int)Math.Min(BufferLength, piece.Length - done));
                if (piece.Kind == PieceKind.Keep)
                {
                    file.Read(piece.Offset + done, part);
                }
                else
                {
                    _existing ??= openExisting();
                    file.ReadFrom(_existing, piece.From + done, part);
                    file.Write(piece.Offset + done, part);
                }

                hash?.AppendData(part);
                done += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public CommitResult Commit(ManifestEntry entry, long length)
    {
        _existing?.Dispose();
        return file.Commit(entry, length);
    }

    public void Abandon(bool keepPartial)
    {
        _existing?.Dispose();
        file.Abandon(keepPartial);
    }
}
