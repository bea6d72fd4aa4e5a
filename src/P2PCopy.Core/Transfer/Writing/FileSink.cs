using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Transfer.Writing;

/// <summary>Content that goes to a partial file and is renamed when it is whole.</summary>
/// <remarks>
/// A plan was made from files that anybody may write to meanwhile: another receiver of the same destination finishes its
/// partial, for instance. So a plan is followed only while they are what they were; else the file fails and is offered again.
/// </remarks>
internal sealed class FileSink : IContentSink
{
    private const int BufferLength = 1 << 20;

    private readonly IncomingFile _file;
    private readonly FileStat _compared; // the existing destination
    private SafeFileHandle? _existing;

    private FileSink(IncomingFile file, FileStat compared) => (_file, _compared) = (file, compared);

    /// <summary>Opens the partial of an offered file, as its plan needs it.</summary>
    /// <exception cref="P2PException">It cannot be written, or is not any more what the plan was made from.</exception>
    public static FileSink Open(DestinationTree tree, IncomingEntry entry, FilePlan? plan)
    {
        ComparedFiles compared = entry.Compared ?? ComparedFiles.None;
        bool keeps = plan is { Keeps: true };
        IncomingFile file = tree.OpenIncoming(entry.Offered, resume: keeps);
        if (keeps && !FileStat.Of(file.Handle, file.FullPath).IsUnchangedSince(compared.Partial))
        {
            file.Abandon(keepPartial: true);
            throw FileErrors.Meddled(file.FullPath);
        }

        return new FileSink(file, compared.Existing);
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        _file.Write(offset, data.Span);
        return ValueTask.CompletedTask;
    }

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
                    _file.Read(piece.Offset + done, part);
                }
                else
                {
                    SafeFileHandle existing = OpenExisting();
                    _file.ReadFrom(existing, piece.From + done, part);
                    _file.Write(piece.Offset + done, part);
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

    public ValueTask<CommitResult> CommitAsync(ManifestEntry entry, long length, CancellationToken cancellationToken)
    {
        if (_existing is not null)
        {
            CheckExisting(_existing);
            _existing.Dispose();
        }

        return ValueTask.FromResult(_file.Commit(entry, length));
    }

    public void Abandon(bool keepPartial)
    {
        _existing?.Dispose();
        _file.Abandon(keepPartial);
    }

    private SafeFileHandle OpenExisting()
    {
        if (_existing is null)
        {
            _existing = _file.OpenExisting();
            CheckExisting(_existing);
        }

        return _existing;
    }

    private void CheckExisting(SafeFileHandle existing)
    {
        if (!FileStat.Of(existing, _file.FullPath).IsUnchangedSince(_compared))
            throw FileErrors.Meddled(_file.FullPath);
    }
}
