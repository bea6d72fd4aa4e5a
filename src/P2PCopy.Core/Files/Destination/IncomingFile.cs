using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>
/// A file that is being received: a partial beside its destination, locked for this transfer alone and renamed to the
/// destination when it is complete. If the process is killed, the destination is unchanged and the next run can use the
/// bytes of the partial.
/// </summary>
/// <remarks>
/// <see cref="Write"/> and <see cref="Read"/> may run on several threads at once; <see cref="CommitAsync"/> and
/// <see cref="Abandon"/> only when none of them runs. A second transfer to the same destination gets an error that says
/// so.
/// </remarks>
internal sealed class IncomingFile : IDisposable
{
    // Runs of zeros of this length become holes. Shorter holes save less than the additional calls need.
    private const int HoleSize = 64 * 1024;

    private const int BlockSize = 4096;

    private readonly DestinationTree _tree;
    private readonly SharedFolder _folder;
    private readonly string _name;
    private readonly string _partial;
    private readonly FileStat _opened;
    private readonly long _number;
    private long _end;
    private bool _isClosed;

    private IncomingFile(DestinationTree tree, SharedFolder folder, string path, string partial, SafeFileHandle handle, in FileStat opened, long initialLength)
    {
        _tree = tree;
        _folder = folder.Share();
        _name = Path.GetFileName(path);
        _partial = partial;
        _opened = opened;
        _number = tree.Content.Number();
        _end = initialLength;
        Handle = handle;
        FullPath = path;
        InitialLength = initialLength;
    }

    /// <summary>The open partial, to read its content.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>The destination.</summary>
    public string FullPath { get; }

    /// <summary>Bytes that an earlier run left in the partial.</summary>
    public long InitialLength { get; }

    /// <summary>Opens the partial of a destination.</summary>
    /// <param name="tree">The destination tree.</param>
    /// <param name="folder">The folder of the file.</param>
    /// <param name="path">The full path of the destination.</param>
    /// <param name="partial">The name of the partial.</param>
    /// <param name="resume">Keeps its content.</param>
    /// <param name="error">The system's error number if null is returned.</param>
    /// <exception cref="P2PException">Another transfer is writing it.</exception>
    public static IncomingFile? TryOpen(DestinationTree tree, SharedFolder folder, string path, string partial, bool resume, out int error)
    {
        SafeFileHandle? handle = PartialFile.Open(folder.Handle, partial, out error);
        if (handle is null)
        {
            return error switch
            {
                FileErrors.Busy => throw FileErrors.IsBusy(path),
                FileErrors.NotAFile => throw new P2PException(
                    P2PErrorCode.FileWriteError,
                    $"Writing \"{VisibleText.Name(path)}\" failed: \"{partial}\" in the same folder is not a file.")
                {
                    Hint = "Remove it.",
                },
                _ => null,
            };
        }

        try
        {
            FileStat opened = FileStat.Of(handle, partial);
            if (!resume && opened.Length > 0)
                FileContent.SetLength(handle, 0);
            return new IncomingFile(tree, folder, path, partial, handle, opened, resume ? opened.Length : 0);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            FileSystem.Current.Unlock(handle);
            throw FileErrors.Write("Writing", path, e);
        }
    }

    /// <summary>Writes at a position.</summary>
    /// <exception cref="P2PException">The system refused.</exception>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        try
        {
            // Beyond the length that an earlier run left, only this transfer has written, so a hole reads as zeros.
            if (data.Length >= BlockSize && offset >= InitialLength && FileSystem.Current.HasHoles)
                WriteSparsely(offset, data);
            else
                WriteAll(offset, data);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Write("Writing", FullPath, e);
        }
    }

    /// <summary>Reads the content of the partial.</summary>
    /// <exception cref="P2PException">The system refused, or the partial is shorter.</exception>
    public void Read(long offset, Span<byte> buffer) => ReadFrom(Handle, offset, buffer);

    /// <summary>Opens the existing destination for reading.</summary>
    /// <exception cref="P2PException">It cannot be read.</exception>
    public SafeFileHandle OpenExisting()
        => _folder.Handle.OpenRead(_name, out int error) ?? throw FileErrors.Write("Reading the old content of", FullPath, error);

    /// <summary>Reads content of the existing destination for the new file.</summary>
    /// <exception cref="P2PException">The system refused, or the file became shorter.</exception>
    public void ReadFrom(SafeFileHandle basis, long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read;
            try
            {
                read = FileContent.Read(basis, buffer, offset);
            }
            catch (Exception e) when (FileErrors.IsFileError(e))
            {
                throw FileErrors.Write("Reading the old content of", FullPath, e);
            }

            if (read == 0)
                throw FileErrors.Meddled(FullPath);
            buffer = buffer[read..];
            offset += read;
        }
    }

    /// <summary>Completes the file: size, mode and time, then the rename.</summary>
    /// <param name="entry">The offered entry; with a length of -1, the length is <paramref name="length"/>.</param>
    /// <param name="length">Bytes of the finished file.</param>
    /// <param name="isNew">When the offer was answered, nothing had its name.</param>
    /// <exception cref="P2PException">It could not be completed; the partial stays.</exception>
    public async ValueTask<CommitResult> CommitAsync(ManifestEntry entry, long length, bool isNew = false)
    {
        string? warning = Complete(entry, length);

        // Before the rename: a power cut must not leave the name, the size and the time without the content.
        int error = length == 0 && _opened.Length == 0 ? 0 : await _tree.Content.FlushAsync(Handle, _number, _opened.Device).ConfigureAwait(false);
        if (error != 0)
        {
            Abandon(keepPartial: false);
            throw FileErrors.NotFlushed(FullPath, error);
        }

        return Place(entry, warning, isNew);
    }

    /// <summary>Abandons the file.</summary>
    /// <param name="keepPartial">Keeps the partial for a later run.</param>
    public void Abandon(bool keepPartial)
    {
        if (_isClosed)
            return;
        if ((!keepPartial || Volatile.Read(ref _end) == 0) && !Handle.IsClosed && IsStillPartial(out _))
            _ = PartialFile.RemoveAndClose(_folder.Handle, _partial, Handle);
        Close();
    }

    /// <summary>Closes it as <see cref="Abandon"/> does, keeping the partial.</summary>
    public void Dispose() => Abandon(keepPartial: true);

    private string? Complete(ManifestEntry entry, long length)
    {
        try
        {
            if (_end != length)
            {
                FileContent.SetLength(Handle, length);
                _end = length;
            }

            return _tree.Attributes.SetTime(Handle, FullPath, entry, _opened.Device);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Write("Writing", FullPath, e);
        }
    }

    private CommitResult Place(ManifestEntry entry, string? warning, bool isNew)
    {
        try
        {
            FolderHandle folder = _folder.Handle;
            CheckPartial();

            // After what takes time: if the process is killed, the next run does not continue a partial that others may write to.
            warning = SetMode(folder, entry, mayReplace: !isNew) ?? warning;
            if (!FileSystem.Current.RenamesOpenFiles)
                Handle.Dispose();
            _tree.Guard.Check(folder, _name, FullPath);
            CommitResult? placed = isNew ? Placement.TryPutNew(folder, _partial, FullPath, _tree.Options) : null;
            if (isNew && placed is null && !Handle.IsClosed)
                warning = SetMode(folder, entry, mayReplace: true) ?? warning; // another program has made a file
            CommitResult result = placed ?? Placement.Put(folder, _partial, FullPath, entry, _tree.Options);
            _tree.Guard.Note(folder, Path.GetFileName(result.FullPath), result.FullPath);
            Close();
            return result with { Warning = warning };
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Write("Writing", FullPath, e);
        }
    }

    // A file that is replaced gives its mode to the new one.
    private string? SetMode(FolderHandle folder, ManifestEntry entry, bool mayReplace)
    {
        UnixFileMode? replaced = mayReplace && _tree.Options.OnConflict != ConflictPolicy.Rename
            && folder.TryStat(_name, out FileStat existing, out _) && existing.Kind == FileStatKind.File ? existing.Mode : null;
        return FileAttributesWriter.SetMode(Handle, FullPath, _tree.Attributes.ModeOf(entry, replaced, _tree.NewMask(_folder.Name, folder)));
    }

    private void Close()
    {
        _isClosed = true;
        if (!Handle.IsClosed)
            FileSystem.Current.Unlock(Handle);
        _folder.Dispose();
    }

    private bool IsStillPartial(out FileStat named)
        => _folder.Handle.TryStat(_partial, out named, out _) && (_opened.Inode == 0 || _opened.IsSameAs(named));

    // The file under the partial's name is the one that this transfer wrote, with its length and one name, in the folder of its name.
    private void CheckPartial()
    {
        if (!_tree.IsStillThere(_folder) || !IsStillPartial(out FileStat named) || named.Length != _end || named.Links > 1)
            throw FileErrors.Meddled(FullPath);
    }

    // Zeros at the beginning and the end of a piece are left out even if there are few: the hole may go on in the next piece.
    private void WriteSparsely(long offset, ReadOnlySpan<byte> data)
    {
        int dataStart = 0, at = 0;
        while (at < data.Length)
        {
            int zeroStart = at;
            at = EndOfRun(offset, data, at, zeros: true);
            if (at > zeroStart && (at - zeroStart >= HoleSize || zeroStart == 0 || at == data.Length))
            {
                WriteAll(offset + dataStart, data[dataStart..zeroStart]);
                dataStart = at;
            }

            at = EndOfRun(offset, data, at, zeros: false);
        }

        WriteAll(offset + dataStart, data[dataStart..]);
    }

    // Runs begin and end where a block of the file system does, or at the ends of the piece.
    private static int EndOfRun(long offset, ReadOnlySpan<byte> data, int at, bool zeros)
    {
        while (at < data.Length)
        {
            int length = Math.Min(BlockSize - (int)((offset + at) % BlockSize), data.Length - at);
            if (data.Slice(at, length).ContainsAnyExcept((byte)0) == zeros)
                break;
            at += length;
        }

        return at;
    }

    private void WriteAll(long offset, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        FileContent.Write(Handle, data, offset);
        long end = offset + data.Length;
        long seen = Volatile.Read(ref _end);
        while (end > seen)
        {
            long before = Interlocked.CompareExchange(ref _end, end, seen);
            if (before == seen)
                break;
            seen = before;
        }
    }
}
