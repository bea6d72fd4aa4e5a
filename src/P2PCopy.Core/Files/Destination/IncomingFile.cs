using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>
/// A file while it arrives: a partial beside its destination, locked for this transfer alone, renamed over the
/// destination when all of it is there. Killed at any moment, it leaves the destination as it was and a partial whose
/// bytes the next run can use.
/// </summary>
/// <remarks>
/// <see cref="Write"/> and <see cref="Read"/> may run on several threads at once; <see cref="Commit"/> and
/// <see cref="Abandon"/> only when none of them runs. A second transfer that wants the same destination meanwhile gets
/// an error that says so: neither can harm the other.
/// </remarks>
internal sealed class IncomingFile : IDisposable
{
    // Pieces of zeros this long, at these positions, become holes. Smaller ones save no block worth the extra calls.
    private const int HoleSize = 64 * 1024;

    private readonly string _partial;
    private readonly DestinationOptions _options;
    private readonly SpellingGuard? _guard;
    private long _end;

    private IncomingFile(SafeFileHandle handle, string path, string partial, long initialLength, DestinationOptions options, SpellingGuard? guard)
    {
        Handle = handle;
        FullPath = path;
        InitialLength = initialLength;
        _partial = partial;
        _options = options;
        _guard = guard;
        _end = initialLength;
    }

    /// <summary>The open partial; for reading what is in it.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>The destination.</summary>
    public string FullPath { get; }

    /// <summary>Bytes that an earlier run left in the partial.</summary>
    public long InitialLength { get; }

    /// <summary>Opens the partial of a destination.</summary>
    /// <param name="path">The destination.</param>
    /// <param name="partial">The partial.</param>
    /// <param name="resume">Keeps what is in it.</param>
    /// <param name="options">How to commit.</param>
    /// <param name="guard">Where the file system folds names.</param>
    /// <param name="error">The system's error number when null is returned.</param>
    /// <exception cref="P2PException">Another transfer is writing it.</exception>
    public static IncomingFile? TryOpen(string path, string partial, bool resume, DestinationOptions options, SpellingGuard? guard, out int error)
    {
        if (!Posix.Available) return OpenByLibrary(path, partial, resume, options, guard, out error);

        SafeFileHandle? handle = Posix.CreateNew(partial, out error);
        if (handle is not null)
        {
            if (Posix.TryLock(handle)) return new IncomingFile(handle, path, partial, 0, options, guard);
            handle.Dispose();
            throw Busy(path);
        }

        return error == Posix.AlreadyExists ? OpenExisting(path, partial, resume, options, guard, out error) : null;
    }

    /// <summary>Writes at a position.</summary>
    /// <exception cref="P2PException">The system refused.</exception>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        try
        {
            // Beyond what an earlier run left there is nothing but what this one wrote, so a hole reads as the zeros it
            // stands for. Windows has no holes without being asked, and would write the zeros later all the same.
            if (data.Length >= HoleSize && offset >= InitialLength && !OperatingSystem.IsWindows())
            {
                WriteSparsely(offset, data);
            }
            else
            {
                WriteAll(offset, data);
            }
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Write("Writing", FullPath, exception);
        }
    }

    /// <summary>Reads what the partial holds.</summary>
    /// <exception cref="P2PException">The system refused, or it is shorter.</exception>
    public void Read(long offset, Span<byte> buffer) => ReadFrom(Handle, offset, buffer);

    /// <summary>Reads old content of the destination that becomes new content.</summary>
    /// <exception cref="P2PException">The system refused, or it became shorter.</exception>
    public void ReadFrom(SafeFileHandle basis, long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read;
            try
            {
                read = RandomAccess.Read(basis, buffer, offset);
            }
            catch (Exception exception) when (FileErrors.IsFileError(exception))
            {
                throw FileErrors.Write("Reading the old content of", FullPath, exception);
            }

            if (read == 0)
            {
                throw new P2PException(P2PErrorCode.FileWriteError, $"Updating \"{VisibleText.Name(FullPath)}\" failed: it became shorter meanwhile.");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }

    /// <summary>Makes the destination this file: size, mode and time, then the rename.</summary>
    /// <param name="entry">What was offered; a length of -1 takes <paramref name="length"/>.</param>
    /// <param name="length">Bytes of the finished file.</param>
    /// <exception cref="P2PException">It could not be; the partial stays.</exception>
    public CommitResult Commit(ManifestEntry entry, long length)
    {
        try
        {
            if (_end != length) RandomAccess.SetLength(Handle, length);
            string? warning = FileAttributesWriter.SetFile(Handle, FullPath, entry);
            if (_options.Fsync) RandomAccess.FlushToDisk(Handle);

            // On Windows an open file with this sharing cannot be renamed.
            if (!Posix.Available) Handle.Dispose();
            _guard?.Check(FullPath);
            CommitResult result = Placement.Put(_partial, FullPath, entry, _options);
            _guard?.Note(result.FullPath);
            if (Posix.Available) Posix.Unlock(Handle);
            if (_options.Fsync && Posix.Available) _ = Posix.SyncFolder(Path.GetDirectoryName(FullPath) ?? "/");
            return result with { Warning = warning };
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Write("Writing", FullPath, exception);
        }
    }

    /// <summary>Gives the file up.</summary>
    /// <param name="keepPartial">Leaves what has arrived for a later run.</param>
    public void Abandon(bool keepPartial)
    {
        if (Handle.IsClosed) return;

        // Removed while it is locked: another transfer cannot have opened it anew by then.
        bool remove = !keepPartial || Volatile.Read(ref _end) == 0;
        if (Posix.Available)
        {
            if (remove) Posix.Remove(_partial);
            Posix.Unlock(Handle);
        }
        else
        {
            Handle.Dispose();
            if (remove) File.Delete(_partial);
        }
    }

    /// <summary>Closes it as <see cref="Abandon"/> does, keeping the partial.</summary>
    public void Dispose() => Abandon(keepPartial: true);

    private static IncomingFile? OpenExisting(string path, string partial, bool resume, DestinationOptions options, SpellingGuard? guard, out int error)
    {
        SafeFileHandle? handle = Posix.OpenExisting(partial, out error);
        if (handle is null)
        {
            // Renamed away between the two calls: whoever had it has just finished.
            if (error == Posix.NoSuchFile) throw Busy(path);
            return null;
        }

        try
        {
            if (!Posix.TryLock(handle)) throw Busy(path);

            // Whoever held the lock may have renamed the file to its destination meanwhile: then this is not the partial.
            FileStat stat = FileStat.Of(handle, partial);
            if (!FileStat.TryRead(partial, followLinks: false, out FileStat named, out _) || (stat.Inode != 0 && !stat.IsSameAs(named)))
            {
                throw Busy(path);
            }

            if (stat.Kind != FileStatKind.File)
            {
                throw new P2PException(
                    P2PErrorCode.FileWriteError,
                    $"Writing \"{VisibleText.Name(path)}\" failed: \"{VisibleText.Name(partial)}\" is not a file. Remove it.");
            }

            if (!resume && stat.Length > 0) RandomAccess.SetLength(handle, 0);
            return new IncomingFile(handle, path, partial, resume ? stat.Length : 0, options, guard);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            Posix.Unlock(handle);
            throw FileErrors.Write("Writing", path, exception);
        }
        catch
        {
            Posix.Unlock(handle);
            throw;
        }
    }

    private static IncomingFile? OpenByLibrary(string path, string partial, bool resume, DestinationOptions options, SpellingGuard? guard, out int error)
    {
        error = 0;
        try
        {
            // No sharing is the lock.
            SafeFileHandle handle = File.OpenHandle(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (!resume) RandomAccess.SetLength(handle, 0);
            return new IncomingFile(handle, path, partial, resume ? RandomAccess.GetLength(handle) : 0, options, guard);
        }
        catch (IOException exception) when (OperatingSystem.IsWindows() && FileErrors.ErrorNumber(exception) is 32 or 33)
        {
            throw Busy(path);
        }
        catch (UnauthorizedAccessException)
        {
            error = Posix.AccessDenied;
            return null;
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Write("Writing", path, exception);
        }
    }

    private static P2PException Busy(string path) => new(
        P2PErrorCode.FileWriteError,
        $"Writing \"{VisibleText.Name(path)}\" failed: another transfer is writing it. Run again when that has ended.");

    private void WriteSparsely(long offset, ReadOnlySpan<byte> data)
    {
        int dataStart = 0, at = 0;
        while (at < data.Length)
        {
            int toBoundary = (int)(HoleSize - ((offset + at) % HoleSize));
            int length = Math.Min(toBoundary, data.Length - at);
            bool isHole = length == HoleSize && !data.Slice(at, length).ContainsAnyExcept((byte)0);
            if (isHole)
            {
                if (at > dataStart) WriteAll(offset + dataStart, data[dataStart..at]);
                dataStart = at + length;
            }

            at += length;
        }

        if (dataStart < data.Length) WriteAll(offset + dataStart, data[dataStart..]);
    }

    private void WriteAll(long offset, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        RandomAccess.Write(Handle, data, offset);
        long end = offset + data.Length;
        long seen = Volatile.Read(ref _end);
        while (end > seen)
        {
            long before = Interlocked.CompareExchange(ref _end, end, seen);
            if (before == seen) break;
            seen = before;
        }
    }
}
