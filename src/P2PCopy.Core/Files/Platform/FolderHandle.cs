using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>
/// An open folder. Names are looked up in it and not along a path, so another user cannot redirect the operation by
/// replacing a folder of the path with a link. No member follows a link.
/// </summary>
/// <remarks>Members that return an int return 0 or the error of the system.</remarks>
internal abstract class FolderHandle : IDisposable
{
    /// <summary>The attributes of the folder.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public abstract FileStat Stat();

    /// <summary>Reads the attributes of an entry; of a link itself. An empty name is the folder; a name may have several parts.</summary>
    public abstract bool TryStat(string name, out FileStat stat, out int error);

    /// <summary>Opens a folder below this one.</summary>
    /// <param name="relative">Names with <c>/</c> between them, or <c>.</c>; no <c>..</c>.</param>
    /// <param name="error"><see cref="FileErrors.IsLink"/> when one of the names is a link.</param>
    public abstract FolderHandle? OpenFolder(string relative, out int error);

    /// <summary>The names in the folder.</summary>
    /// <param name="path">The path of the folder.</param>
    public abstract IReadOnlyList<string> List(string path);

    /// <summary>Opens an entry for reading.</summary>
    public abstract SafeFileHandle? OpenRead(string name, out int error);

    /// <summary>Opens an existing file for reading and writing.</summary>
    public abstract SafeFileHandle? OpenWrite(string name, out int error);

    /// <summary>Opens an existing file so that its mode and time can be set.</summary>
    public virtual SafeFileHandle? OpenAttributes(string name, out int error) => OpenRead(name, out error);

    /// <summary>Creates a file that must not exist, for this user alone.</summary>
    public abstract SafeFileHandle? CreateNew(string name, out int error);

    /// <summary>Creates a folder. The umask or the default ACL applies to the mode.</summary>
    public abstract int MakeFolder(string name, UnixFileMode mode);

    /// <summary>Creates a symbolic link with a modification time.</summary>
    public abstract int MakeLink(string name, string target, DateTime modified);

    /// <summary>The target of a link, or null.</summary>
    public abstract string? ReadLink(string name);

    /// <summary>Removes a file or link.</summary>
    public abstract int Remove(string name);

    /// <summary>Renames an entry and replaces an existing file, atomically.</summary>
    public abstract int Replace(string from, string to);

    /// <summary>Renames an entry; fails with <see cref="FileErrors.AlreadyExists"/> if the new name exists.</summary>
    public abstract int MoveNew(string from, string to);

    /// <summary>Sets the permission bits of the folder itself.</summary>
    public abstract int SetMode(UnixFileMode mode);

    /// <summary>Sets the modification time of the folder itself.</summary>
    public abstract int SetModified(DateTime modified);

    /// <summary>Sets the read-only attribute of the folder itself, where there are no permission bits.</summary>
    public virtual int SetReadOnly() => 0;

    /// <summary>The permission bits that new files keep here: the default ACL decides, else the umask.</summary>
    public abstract UnixFileMode NewMask();

    /// <summary>Writes the names in the folder through to the disk, and what the disk itself still holds back.</summary>
    public abstract int Flush();

    /// <summary>Writes the content of an existing file through to the disk.</summary>
    public virtual int FlushContent(string name)
    {
        using SafeFileHandle? file = OpenRead(name, out int error);
        return file is null ? error : FileSystem.Current.FlushContent(file);
    }

    /// <summary>Opens the folder for <see cref="FileSystem.FlushAll"/>.</summary>
    public virtual SafeFileHandle? OpenForFlush(out int error)
    {
        error = FileErrors.NotAvailable;
        return null;
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
