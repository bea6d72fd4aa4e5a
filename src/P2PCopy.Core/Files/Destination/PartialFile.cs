using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>
/// Opens partial files. A partial that another user could have planted or could still write to is never continued: it must
/// be a regular file of this user, with one name and without permissions for group and others. Anything else is removed,
/// and a new file is created exclusively.
/// </summary>
internal static class PartialFile
{
    private const int Attempts = 4;

    private const UnixFileMode NotOwner = FileSystem.AllPermissions & ~FileSystem.OwnerAll;

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
    /// <returns>True when it was removed.</returns>
    public static bool Remove(FolderHandle folder, string name)
    {
        if (!folder.TryStat(name, out FileStat named, out _))
            return false;
        if (named.Kind is FileStatKind.Folder or FileStatKind.Special)
            return false;
        if (!IsOwnFile(named) && !IsTrusted(folder, named))
            return folder.Remove(name) == 0;
        SafeFileHandle? file = OpenLocked(folder, name, out _, out _);
        return file is not null && RemoveAndClose(folder, name, file) == 0;
    }

    /// <summary>True for a partial that may be continued.</summary>
    public static bool IsTrusted(FolderHandle folder, FileStat stat)
    {
        if (stat.Kind != FileStatKind.File || stat.Links > 1)
            return false;
        if (HasOwnMode(stat))
            return true;

        // A file system without owners and modes gives the same ones to every file.
        return ScratchFile.Ask(folder, (_, file) =>
        {
            FileStat own = FileStat.Of(file, "");
            return own.Owner == stat.Owner && own.Mode == stat.Mode;
        }) == true;
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
            // Renamed between the two calls: the transfer that had it has just finished.
            if (error == FileErrors.NoSuchFile)
                error = FileErrors.Busy;
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

        SafeFileHandle? file = OpenLocked(folder, name, out FileStat stat, out error);
        if (file is null || IsTrusted(folder, stat))
            return file;
        error = RemoveAndClose(folder, name, file);
        return null;
    }

    private static SafeFileHandle? OpenLocked(FolderHandle folder, string name, out FileStat stat, out int error)
    {
        stat = default;
        SafeFileHandle? file = folder.OpenWrite(name, out error);
        if (file is null)
        {
            if (error == FileErrors.NoSuchFile)
                error = FileErrors.Busy;
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

            // The transfer that held the lock may have renamed the file to its destination meanwhile.
            stat = FileStat.Of(file, name);
            if (folder.TryStat(name, out FileStat named, out _) && (stat.Inode == 0 || stat.IsSameAs(named)))
            {
                error = 0;
                return file;
            }
        }
        catch (IOException e)
        {
            error = FileErrors.ErrorNumber(e);
        }

        FileSystem.Current.Unlock(file);
        return null;
    }

    // Another transfer of this user gives its finished file its final mode before it renames it. Its lock shows that.
    private static bool IsOwnFile(in FileStat stat)
        => stat.Kind == FileStatKind.File && stat.Links <= 1 && FileSystem.Current.IsOwn(stat);

    private static bool HasOwnMode(in FileStat stat)
        => FileSystem.Current.IsOwn(stat) && ((stat.Mode ?? UnixFileMode.None) & NotOwner) == UnixFileMode.None;
}
