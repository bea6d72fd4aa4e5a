using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>
/// The differences between operating systems, chosen once. The rest of the engine uses this type and does not branch on the
/// operating system.
/// </summary>
internal abstract class FileSystem
{
    /// <summary>Read, write and execute for owner, group and others.</summary>
    public const UnixFileMode AllPermissions = OwnerAll
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Read, write and execute for the owner.</summary>
    public const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Write permission for owner, group and others.</summary>
    public const UnixFileMode AllWrite = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Execute permission for owner, group and others.</summary>
    public const UnixFileMode AllExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The file system of this operating system.</summary>
    public static FileSystem Current => ThisSystem.Files;

    /// <summary>Names follow the rules of Windows.</summary>
    public virtual bool HasWindowsNames => false;

    /// <summary>Paths and patterns that differ only in case are the same.</summary>
    public bool IgnoresCase => HasWindowsNames;

    /// <summary>Two spellings of a name may be one file, and a test cannot show it reliably.</summary>
    public virtual bool AlwaysFolds => false;

    /// <summary>Parts of a file that were never written take no space.</summary>
    public virtual bool HasHoles => true;

    /// <summary>An open file can be renamed.</summary>
    public virtual bool RenamesOpenFiles => true;

    /// <summary>Files have permission bits.</summary>
    public virtual bool HasModes => true;

    /// <summary>The permission bits that the process leaves to new files.</summary>
    public virtual UnixFileMode NewMask => AllPermissions;

    /// <summary>Whether this user may create entries in a folder, as far as that can be known without creating one.</summary>
    /// <returns>0, or the error number.</returns>
    public virtual int MayWrite(string folder) => 0;

    /// <summary>Whether this user may read a file, or list a folder, as far as that can be known without opening it.</summary>
    /// <returns>0, or the error number.</returns>
    public virtual int MayRead(string path, bool isFolder) => 0;

    /// <summary>Opens a folder by its path, through links.</summary>
    /// <returns>The folder, or null with <paramref name="error"/> set.</returns>
    public abstract FolderHandle? OpenFolder(string path, out int error);

    /// <summary>Opens a file for reading by its path. Never blocks on a pipe.</summary>
    /// <returns>The file, or null with <paramref name="error"/> set.</returns>
    public abstract SafeFileHandle? OpenRead(string path, bool followLinks, out int error);

    /// <summary>Takes the exclusive lock of a file without waiting.</summary>
    /// <returns>False when another transfer has it. True also where the file system has no locks.</returns>
    public virtual bool TryLock(SafeFileHandle file) => true;

    /// <summary>Releases the lock that <see cref="TryLock"/> took, and closes the file.</summary>
    public virtual void Unlock(SafeFileHandle file) => file.Dispose();

    /// <summary>True when the file belongs to the user of this process; true where there are no owners.</summary>
    public virtual bool IsOwn(in FileStat stat) => true;

    /// <summary>Sets the permission bits of an open file.</summary>
    /// <returns>0 or the error.</returns>
    public abstract int SetMode(SafeFileHandle file, UnixFileMode mode);

    /// <summary>Sets or clears the read-only attribute of a file without permission bits.</summary>
    /// <returns>0 or the error.</returns>
    public virtual int SetReadOnly(SafeFileHandle file, bool readOnly) => 0;

    /// <summary>Sets the modification time of an open file.</summary>
    /// <returns>0 or the error.</returns>
    public abstract int SetModified(SafeFileHandle file, DateTime modified);

    /// <summary>Makes a folder and those above it.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not make it.</exception>
    public virtual void MakeFolders(string path) => Directory.CreateDirectory(path);

    /// <summary>The target of a link as it is stored; null if the path is no link.</summary>
    public virtual string? LinkTarget(string path) => new FileInfo(path).LinkTarget;

    /// <summary>The format of the file system where a folder lies, by the name that the system gives it; null where unknown.</summary>
    public virtual string? FormatOf(string folder)
    {
        try
        {
            return new DriveInfo(folder).DriveFormat;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            return null;
        }
    }

    /// <summary>Whether an open file is on a file system that has only memory below it, where nothing can be written through.</summary>
    public virtual bool IsInMemory(SafeFileHandle file) => false;

    /// <summary>
    /// Writes the content and the size of an open file to the disk, so that no name that is given to the file later is there
    /// before them.
    /// </summary>
    /// <returns>0 or the error. After an error the content may be lost, although another call succeeds.</returns>
    public abstract int FlushContent(SafeFileHandle file);

    /// <summary>Writes everything of the file system of an open file to the disk: content and names.</summary>
    /// <returns>0, the error, or <see cref="FileErrors.NotAvailable"/>.</returns>
    public virtual int FlushAll(SafeFileHandle file) => FileErrors.NotAvailable;

    /// <summary>Free bytes for this user where a folder lies; null where the system does not tell.</summary>
    public virtual long? FreeBytes(string folder)
    {
        try
        {
            var drive = new DriveInfo(HasWindowsNames ? Path.GetPathRoot(folder)! : folder);

            // A memory file system without a limit, and some network file systems, report a size of zero.
            return drive.TotalSize > 0 ? drive.AvailableFreeSpace : null;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            return null;
        }
    }

    /// <summary>
    /// Whether a folder is on this machine. The times of a file on another machine change later than its content, and asking for
    /// them may wait until all of it is written.
    /// </summary>
    public virtual bool IsLocal(string folder)
    {
        try
        {
            var drive = new DriveInfo(HasWindowsNames ? Path.GetPathRoot(folder)! : folder);
            return drive.DriveType != DriveType.Network && !drive.DriveFormat.StartsWith("fuse", StringComparison.Ordinal);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            return false;
        }
    }
}
