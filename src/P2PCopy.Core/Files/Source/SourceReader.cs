using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Source;

/// <summary>
/// Reads one offered file, at any position and from several threads, and notices a change since the offer: another file,
/// length or time before, during or after reading.
/// </summary>
internal sealed class SourceReader : IDisposable
{
    private readonly ManifestEntry _entry;
    private readonly FileStat _opened;

    private SourceReader(SafeFileHandle handle, string path, ManifestEntry entry, FileStat opened)
    {
        Handle = handle;
        FullPath = path;
        _entry = entry;
        _opened = opened;
    }

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>The path of the file.</summary>
    public string FullPath { get; }

    /// <summary>Bytes, as offered.</summary>
    public long Length => _entry.Length;

    /// <summary>Opens an offered file.</summary>
    /// <param name="source">The offered file.</param>
    /// <param name="folder">The folder of the file before, for files that are read one after the other.</param>
    /// <exception cref="SourceFailedException">It cannot be read, or it is not the offered file.</exception>
    public static SourceReader Open(SourceEntry source, LatestFolder? folder = null)
    {
        string path = source.FullPath;
        SafeFileHandle handle = OpenHandle(source, folder, path);
        try
        {
            FileStat stat = FileStat.Of(handle, path);
            if (stat.Kind != FileStatKind.File)
            {
                throw SourceFailedException.Changed(path, "it is not a file any more");
            }

            // It must be the selected file, and not another one with the same size and time that another user put in its place.
            if (source.Inode != 0 && (source.Inode != stat.Inode || source.Device != stat.Device))
                throw SourceFailedException.Changed(path, "it was replaced");

            var reader = new SourceReader(handle, path, source.Entry, stat);
            reader.Compare(stat);
            return reader;
        }
        catch (IOException e)
        {
            handle.Dispose();
            throw SourceFailedException.Unreadable(path, e);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Fills <paramref name="buffer"/> from a position within the offered length.</summary>
    /// <exception cref="SourceFailedException">It cannot be read, or has become shorter.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                int read = FileContent.Read(Handle, buffer, offset);
                if (read == 0)
                {
                    Compare(FileStat.Of(Handle, FullPath));
                    throw SourceFailedException.WrongSize(FullPath, Length, "fewer");
                }

                offset += read;
                buffer = buffer[read..];
            }
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw SourceFailedException.Unreadable(FullPath, e);
        }
    }

    /// <summary>Fills a buffer as <see cref="Read"/> does and returns its length.</summary>
    public int ReadAt(long offset, Span<byte> buffer)
    {
        Read(offset, buffer);
        return buffer.Length;
    }

    /// <summary>
    /// To be called after the last read and before the trailer. The open file must be unchanged, and the path must still lead to
    /// it.
    /// </summary>
    /// <exception cref="SourceFailedException">It changed while it was read.</exception>
    public void VerifyUnchanged()
    {
        try
        {
            if (FileContent.Read(Handle, stackalloc byte[1], Length) != 0)
            {
                Compare(FileStat.Of(Handle, FullPath));
                throw SourceFailedException.WrongSize(FullPath, Length, "more");
            }

            // Where files have numbers, the attributes of the path are those of the open file.
            if (_opened.Inode == 0)
                Compare(FileStat.Of(Handle, FullPath));
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw SourceFailedException.Unreadable(FullPath, e);
        }

        if (!FileStat.TryRead(FullPath, followLinks: true, out FileStat now, out _))
            throw SourceFailedException.Changed(FullPath, "it was deleted");
        if (_opened.Inode == 0)
            return;
        if (!now.IsSameAs(_opened))
            throw SourceFailedException.Changed(FullPath, "it was replaced");
        Compare(now);
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static SafeFileHandle OpenHandle(SourceEntry source, LatestFolder? folder, string path)
    {
        int error;
        return (folder is null ? source.Root.Open(source.Entry.Name, out error) : folder.Open(source.Root, source.Entry.Name, out error)) ?? throw (
            error == FileErrors.IsLink ? SourceFailedException.Changed(path, "it is a link now, or a folder of its path is")
            : error == FileErrors.NotAFolder ? SourceFailedException.Changed(path, "a folder of its path was replaced")
            : error == FileErrors.NotAFile ? SourceFailedException.Changed(path, "it is not a file any more")
            : error == FileErrors.NoSuchFile ? SourceFailedException.Changed(path, "it was deleted")
            : SourceFailedException.Unreadable(path, error));
    }

    private void Compare(in FileStat stat)
    {
        if (stat.Length != _entry.Length)
            throw SourceFailedException.Changed(FullPath, $"it had {_entry.Length} bytes and has {stat.Length}");
        if (stat.Modified != _entry.Modified)
            throw SourceFailedException.Changed(FullPath, "it was written to");
    }
}
