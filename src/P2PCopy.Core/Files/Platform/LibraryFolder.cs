using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>
/// A folder by its path. The library has no folder handles: each part of a path is checked for links when the folder is
/// opened.
/// </summary>
internal sealed class LibraryFolder(string path) : FolderHandle
{
    public override FileStat Stat()
        => FileStat.TryRead(path, followLinks: true, out FileStat stat, out int error) ? stat : throw new IOException(path, error);

    public override bool TryStat(string name, out FileStat stat, out int error)
        => FileStat.TryRead(At(name), followLinks: false, out stat, out error);

    public override FolderHandle? OpenFolder(string relative, out int error)
    {
        error = 0;
        string at = path;
        foreach (string part in relative.Split('/'))
        {
            if (part == ".")
                continue;
            at = Path.Combine(at, part);
            if (!FileStat.TryRead(at, followLinks: false, out FileStat stat, out error))
                return null;
            error = stat.Kind switch
            {
                FileStatKind.Folder => 0,
                FileStatKind.Link => FileErrors.IsLink,
                _ => FileErrors.NotAFolder,
            };
            if (error != 0)
                return null;
        }

        return new LibraryFolder(at);
    }

    public override IReadOnlyList<string> List(string path1) => FolderListing.Names(path);

    public override SafeFileHandle? OpenRead(string name, out int error)
        => OpenIfNoLink(name, () => File.OpenHandle(At(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), out error);

    // No sharing is the lock.
    public override SafeFileHandle? OpenWrite(string name, out int error)
        => OpenIfNoLink(name, () => File.OpenHandle(At(name), FileMode.Open, FileAccess.ReadWrite, FileShare.None), out error);

    public override SafeFileHandle? CreateNew(string name, out int error)
    {
        SafeFileHandle? file = null;
        error = Try(() =>
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            file = new FileStream(At(name), options).SafeFileHandle;
        });
        if (error != 0 && TryStat(name, out _, out _))
            error = FileErrors.AlreadyExists;
        return file;
    }

    public override int MakeFolder(string name, UnixFileMode mode)
        => TryStat(name, out _, out _) ? FileErrors.AlreadyExists : Try(() => Directory.CreateDirectory(At(name)));

    public override int MakeLink(string name, string target, DateTime modified)
        => Try(() => File.CreateSymbolicLink(At(name), target.Replace('/', Path.DirectorySeparatorChar)));

    public override string? ReadLink(string name) => new FileInfo(At(name)).LinkTarget;

    public override int Remove(string name) => Try(() => File.Delete(At(name)));

    public override int Replace(string from, string to) => Try(() =>
    {
        // Windows does not replace a read-only file.
        string target = At(to);
        if (OperatingSystem.IsWindows() && File.Exists(target) && (File.GetAttributes(target) & FileAttributes.ReadOnly) != 0)
            File.SetAttributes(target, FileAttributes.Normal);
        File.Move(At(from), target, overwrite: true);
    });

    public override int MoveNew(string from, string to)
    {
        int error = Try(() => File.Move(At(from), At(to), overwrite: false));
        return error != 0 && TryStat(to, out _, out _) ? FileErrors.AlreadyExists : error;
    }

    public override int SetMode(UnixFileMode mode) => Try(() =>
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    });

    public override int SetModified(DateTime modified) => Try(() => Directory.SetLastWriteTimeUtc(path, modified));

    public override int SetReadOnly() => Try(() =>
    {
        if (OperatingSystem.IsWindows())
            File.SetAttributes(path, File.GetAttributes(path) | FileAttributes.ReadOnly);
    });

    public override UnixFileMode NewMask() => FileSystem.Current.NewMask;

    public override void Dispose()
    {
    }

    /// <summary>Runs an operation of the library.</summary>
    /// <returns>0 or the error.</returns>
    internal static int Try(Action operation)
    {
        try
        {
            operation();
            return 0;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            const int input = 5;
            return e switch
            {
                FileNotFoundException or DirectoryNotFoundException => FileErrors.NoSuchFile,
                UnauthorizedAccessException => FileErrors.AccessDenied,
                _ when IsSharing(e) => FileErrors.Busy,
                _ => FileErrors.ErrorNumber(e) is > 0 and var number ? number : input,
            };
        }
    }

    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION; EAGAIN of the library's lock elsewhere.
    private static bool IsSharing(Exception exception)
        => OperatingSystem.IsWindows() ? FileErrors.ErrorNumber(exception) is 32 or 33 : FileErrors.ErrorNumber(exception) is 11 or 35;

    private SafeFileHandle? OpenIfNoLink(string name, Func<SafeFileHandle> open, out int error)
    {
        SafeFileHandle? file = null;
        error = TryStat(name, out FileStat stat, out int missing) && stat.Kind == FileStatKind.Link ? FileErrors.IsLink : missing;
        if (error == 0)
            error = Try(() => file = open());
        return file;
    }

    private string At(string name) => Path.Combine(path, name);
}
