using System.Buffers;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Writing;

/// <summary>Writes content to a partial file and renames it when it is complete.</summary>
/// <remarks>
/// A plan was made from files that other programs may change, for example another receiver with the same destination. The plan is
/// therefore used only while the files are unchanged; otherwise the file fails and is offered again.
/// </remarks>
internal sealed class FileSink : IContentSink
{
    private const int BufferLength = 1 << 20;

    private readonly IncomingFile _file;
    private readonly FileStat _compared; // the existing destination
    private readonly PartialWatch? _watch;
    private readonly bool _isNew;
    private SafeFileHandle? _existing;

    private FileSink(IncomingFile file, FileStat compared, PartialWatch? watch, bool isNew)
        => (_file, _compared, _watch, _isNew) = (file, compared, watch, isNew);

    /// <summary>Opens the partial of an offered file, as its plan needs it.</summary>
    /// <param name="tree">The destination tree.</param>
    /// <param name="entry">The offered file.</param>
    /// <param name="plan">Its plan; null if all of it is sent.</param>
    /// <param name="watched">Whether the times of the partial show that another program wrote to it.</param>
    /// <exception cref="P2PException">It cannot be written, or it has changed since the plan was made.</exception>
    public static FileSink Open(DestinationTree tree, IncomingEntry entry, FilePlan? plan, Lazy<bool> watched)
    {
        ComparedFiles compared = entry.Compared ?? ComparedFiles.None;
        bool keeps = plan is { Keeps: true };
        IncomingFile file = tree.OpenIncoming(entry.Offered, keeps, entry.Decision.FullPath);
        try
        {
            if (keeps && !FileErrors.StatOf(file.Handle, file.FullPath).IsUnchangedSince(compared.Partial))
                throw FileErrors.Meddled(file.FullPath);
            PartialWatch? watch = watched.Value ? new PartialWatch(file.Handle, file.FullPath) : null;
            return new FileSink(file, compared.Existing, watch, entry.Decision.IsNew);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Write(offset, data.Span);
        return ValueTask.CompletedTask;
    }

    public void Restore(FilePiece piece, FileDigest? digest, CancellationToken cancellationToken)
    {
        if (piece.Kind == PieceKind.Keep && digest is null)
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
                    Write(piece.Offset + done, part);
                }

                digest?.Append(part);
                done += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public ValueTask<CommitResult> CommitAsync(ManifestEntry entry, long length, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken)
    {
        _watch?.Before();
        if (_existing is not null)
        {
            CheckExisting(_existing);
            _existing.Dispose();
        }

        if (_watch is { WasTouched: true } && !digest.IsEmpty)
            _watch.CheckContent(digest.Span, cancellationToken);
        return _file.CommitAsync(entry, length, _isNew);
    }

    public void Abandon(bool keepPartial)
    {
        _existing?.Dispose();
        _file.Abandon(keepPartial);
    }

    private void Write(long offset, ReadOnlySpan<byte> data)
    {
        _watch?.Before();
        _file.Write(offset, data);
        _watch?.After();
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
        if (!FileErrors.StatOf(existing, _file.FullPath).IsUnchangedSince(_compared))
            throw FileErrors.Meddled(_file.FullPath);
    }
}
