using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Probes;

namespace P2PCopy.Files.Destination;

/// <summary>
/// Opens partial files. A partial that another user could have planted or could still write to is never continued: it must
/// be a regular file of this user, with one name and without write permission for group and others. Anything else is
/// removed, and a new file is created exclusively.
/// </summary>
internal static class PartialFile
{
    private const int Attempts = 4;

    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode WriteOfOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Opens a partial for this transfer alone, or creates it.</summary>
    /// <returns>The locked file, or null with <paramref name="error"/> set.</returns>
    public static SafeFileHandle? Open(FolderHandle folder, string name, out int error)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            SafeFileHandle? file = folder.CreateNew(name, out error);
            if (file is not null)
            {
                if (FileSystem.Current.TryLock(file))
                    return file;
                file.Dispose();
                error = FileErrors.Busy;
                return null;
            }

            if (error != FileErrors.AlreadyExists)
                return null;
            file = OpenExisting(folder, name, out error);
            if (file is not null)
                return file;
            if (error != 0)
                return null;
        }

        error = FileErrors.Busy;
        return null;
    }

    /// <summary>Removes a partial, or the link that has its name, unless another transfer writes it.</summary>
    /// <returns>True if it was removed.</returns>
    public static bool Remove(FolderHandle folder, string name)
    {
        if (!folder.TryStat(name, out FileStat named, out _))
            return false;
        if (named.Kind is FileStatKind.Folder or FileStatKind.Special)
            return false;
        if (!IsOwnFile(named) && !IsTrusted(folder, named))
            return folder.Remove(name) == 0;
        SafeFileHandle? file = OpenLocked(folder, name, out _, out _, out _);
        return file is not null && RemoveAndClose(folder, name, file) == 0;
    }

    /// <summary>Opens a partial for reading, if it may be continued.</summary>
    /// <returns>The file, or null with <paramref name="error"/> set.</returns>
    public static SafeFileHandle? OpenRead(FolderHandle folder, string name, out int error)
    {
        // Now and not when it is continued: its time of the last change must not differ then.
        if (folder.TryStat(name, out FileStat named, out _) && named.Mode is not (null or OwnerReadWrite) && HasOwnMode(named))
            _ = RestrictToOwner(folder, name);
        SafeFileHandle? file = folder.OpenRead(name, out error);
        if (file is null)
            return null;
        try
        {
            if (IsTrusted(folder, FileStat.Of(file, "")))
                return file;
        }
        catch (IOException)
        {
            // What the system tells nothing about is not trusted.
        }

        file.Dispose();
        error = FileErrors.AccessDenied;
        return null;
    }

    /// <summary>True for a partial that may be continued.</summary>
    public static bool IsTrusted(FolderHandle folder, FileStat stat)
    {
        if (stat.Kind != FileStatKind.File || stat.Links > 1)
            return false;
        return HasOwnMode(stat) || IsAsNew(folder, stat);
    }

    /// <summary>Removes an open partial while it is locked, so that another transfer cannot have opened it anew.</summary>
    public static int RemoveAndClose(FolderHandle folder, string name, SafeFileHandle file)
    {
        int error = 0;
        if (FileSystem.Current.RenamesOpenFiles)
        {
            error = folder.Remove(name);
            FileSystem.Current.Unlock(file);
        }
        else
        {
            file.Dispose();
            error = folder.Remove(name);
        }

        return error;
    }

    private static SafeFileHandle? OpenExisting(FolderHandle folder, string name, out int error)
    {
        if (!folder.TryStat(name, out FileStat named, out error))
        {
            error = UnlessGone(error);
            return null;
        }

        if (named.Kind == FileStatKind.Folder)
        {
            error = FileErrors.NotAFile;
            return null;
        }

        if (!IsOwnFile(named) && !IsTrusted(folder, named))
        {
            error = folder.Remove(name);
            return null;
        }

        SafeFileHandle? file = OpenLocked(folder, name, out FileStat stat, out bool isWritable, out error);
        if (file is null || (isWritable && IsTrusted(folder, stat) && IsForOwnerAlone(folder, file, stat)))
            return file;
        error = RemoveAndClose(folder, name, file);
        return null;
    }

    // A transfer that was killed between the final mode of its file and the rename leaves a partial that others may read.
    private static bool IsForOwnerAlone(FolderHandle folder, SafeFileHandle file, in FileStat stat)
        => stat.Mode is null or OwnerReadWrite || FileSystem.Current.SetMode(file, OwnerReadWrite) == 0 || IsAsNew(folder, stat);

    // A file system without owners and modes gives the same ones to every file.
    private static bool IsAsNew(FolderHandle folder, FileStat stat) => ScratchFile.Ask(folder, (_, file) =>
    {
        FileStat own = FileStat.Of(file, "");
        return own.Owner == stat.Owner && own.Mode == stat.Mode;
    }) == true;

    private static SafeFileHandle? OpenLocked(FolderHandle folder, string name, out FileStat stat, out bool isWritable, out int error)
    {
        stat = default;
        SafeFileHandle? file = folder.OpenWrite(name, out error);
        if (file is null && error == FileErrors.AccessDenied && RestrictToOwner(folder, name))
            file = folder.OpenWrite(name, out error);
        isWritable = file is not null;
        if (error == FileErrors.AccessDenied)
            file = folder.OpenRead(name, out error); // only the lock is needed to remove it
        if (file is null)
        {
            error = UnlessGone(error);
            return null;
        }

        try
        {
            error = FileErrors.Busy;
            if (!FileSystem.Current.TryLock(file))
            {
                file.Dispose();
                return null;
            }

            // The transfer that held the lock may have renamed the file to its destination meanwhile: then the name is free.
            stat = FileStat.Of(file, name);
            error = 0;
            if (folder.TryStat(name, out FileStat named, out _) && (stat.Inode == 0 || stat.IsSameAs(named)))
                return file;
        }
        catch (IOException e)
        {
            error = FileErrors.ErrorNumber(e);
        }

        FileSystem.Current.Unlock(file);
        return null;
    }

    // A killed transfer has given its file the final mode, perhaps one without write permission.
    private static bool RestrictToOwner(FolderHandle folder, string name)
    {
        SafeFileHandle? file = folder.OpenRead(name, out _);
        if (file is null)
            return false;
        try
        {
            return FileSystem.Current.TryLock(file)
                && FileStat.Of(file, name) is { Kind: FileStatKind.File, Links: <= 1 } stat && HasOwnMode(stat)
                && FileSystem.Current.SetMode(file, OwnerReadWrite) == 0;
        }
        catch (IOException)
        {
            return false;
        }
        finally
        {
            FileSystem.Current.Unlock(file);
        }
    }

    // The transfer that had the partial has just renamed or removed it, so the name is free.
    private static int UnlessGone(int error) => error == FileErrors.NoSuchFile ? 0 : error;

    // Another transfer of this user gives its finished file its final mode before it renames it. Its lock shows that.
    private static bool IsOwnFile(in FileStat stat)
        => stat.Kind == FileStatKind.File && stat.Links <= 1 && FileSystem.Current.IsOwn(stat);

    private static bool HasOwnMode(in FileStat stat)
        => FileSystem.Current.IsOwn(stat) && ((stat.Mode ?? UnixFileMode.None) & WriteOfOthers) == UnixFileMode.None;
}
