using Microsoft.Win32.SafeHandles;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Platform;

/// <summary>
/// A folder by its path. The library has no folder handles: each part of a path is checked for links when the folder is
/// opened.
/// </summary>
internal sealed class LibraryFolder(string folder) : FolderHandle
{
    private readonly string _path = Verbatim(folder);

    public override FileStat Stat()
        => FileStat.TryRead(_path, followLinks: true, out FileStat stat, out int error) ? stat : throw new IOException(_path, error);

    public override bool TryStat(string name, out FileStat stat, out int error)
        => FileStat.TryRead(At(name), followLinks: false, out stat, out error);

    public override FolderHandle? OpenFolder(string relative, out int error)
    {
        error = 0;
        string at = _path;
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
            if (error == 0 && IsShortName(Path.GetDirectoryName(at)!, part))
                error = FileErrors.ShortName;
            if (error != 0)
                return null;
        }

        return new LibraryFolder(at);
    }

    public override IReadOnlyList<string> List(string path1) => FolderListing.Names(_path);

    public override SafeFileHandle? OpenRead(string name, out int error)
        => OpenIfNoLink(name, () => File.OpenHandle(At(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), out error);

    // Windows sets a time only through a handle that may write, which a read-only file does not give.
    public override SafeFileHandle? OpenAttributes(string name, out int error)
        => OpenIfNoLink(
            name,
            () =>
            {
                string file = At(name);
                if (OperatingSystem.IsWindows() && (File.GetAttributes(file) & FileAttributes.ReadOnly) != 0)
                    File.SetAttributes(file, FileAttributes.Normal);
                return File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            },
            out error);

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

    public override int MakeLink(string name, string target, DateTime modified) => Try(() =>
    {
        // Windows has two kinds of links. A link to something that does not exist yet is one to a file.
        string native = target.Replace('/', Path.DirectorySeparatorChar);
        if (Directory.Exists(Path.Combine(folder, native)))
            Directory.CreateSymbolicLink(At(name), native);
        else
            File.CreateSymbolicLink(At(name), native);
    });

    public override string? ReadLink(string name) => new FileInfo(At(name)).LinkTarget;

    public override int Remove(string name) => Try(() => ChangeReadOnly(At(name), () =>
    {
        if (IsFolderLink(At(name)))
            Directory.Delete(At(name));
        else
            File.Delete(At(name));
    }));

    public override int Replace(string from, string to)
        => IsShortName(_path, to) ? FileErrors.ShortName : Try(() => ChangeReadOnly(At(to), () =>
        {
            if (IsFolderLink(At(to)))
                Directory.Delete(At(to));
            Move(At(from), At(to), overwrite: true);
        }));

    public override int MoveNew(string from, string to)
    {
        int error = Try(() => Move(At(from), At(to), overwrite: false));
        return error != 0 && TryStat(to, out _, out _) ? FileErrors.AlreadyExists : error;
    }

    public override int SetMode(UnixFileMode mode) => Try(() =>
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_path, mode);
    });

    public override int SetModified(DateTime modified) => Try(() => Directory.SetLastWriteTimeUtc(_path, modified));

    public override int SetReadOnly() => Try(() =>
    {
        if (OperatingSystem.IsWindows())
            File.SetAttributes(_path, File.GetAttributes(_path) | FileAttributes.ReadOnly);
    });

    public override UnixFileMode NewMask() => FileSystem.Current.NewMask;

    // A flush of one file writes the log of the file system, and with it every earlier change of a name.
    public override int Flush()
    {
        string name = $".{RandomSource.Hex(16)}.p2ppart";
        SafeFileHandle? file = CreateNew(name, out int error);
        if (file is null)
            return error;
        error = Try(() => FileContent.FlushToDisk(file));
        file.Dispose();
        _ = Remove(name);
        return error;
    }

    // Windows flushes only through a handle that may write.
    public override int FlushContent(string name) => Try(() =>
    {
        string file = At(name);
        FileAttributes attributes = File.GetAttributes(file);
        bool isReadOnly = OperatingSystem.IsWindows() && (attributes & FileAttributes.ReadOnly) != 0;
        if (isReadOnly)
            File.SetAttributes(file, attributes & ~FileAttributes.ReadOnly);
        try
        {
            using SafeFileHandle open = File.OpenHandle(
                file, FileMode.Open, OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            FileContent.FlushToDisk(open);
        }
        finally
        {
            if (isReadOnly)
                File.SetAttributes(file, attributes);
        }
    });

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
        error = !TryStat(name, out FileStat stat, out int missing) ? missing : stat.Kind switch
        {
            FileStatKind.Link => FileErrors.IsLink,
            FileStatKind.File => 0,
            _ => FileErrors.NotAFile,
        };
        if (error == 0)
            error = Try(() => file = open());
        return file;
    }

    // Windows neither replaces nor deletes a file with this attribute. Other attributes stay, and this one too if the operation fails.
    private static void ChangeReadOnly(string target, Action operation)
    {
        if (!OperatingSystem.IsWindows() || !File.Exists(target) || File.GetAttributes(target) is var attributes && (attributes & FileAttributes.ReadOnly) == 0)
        {
            operation();
            return;
        }

        File.SetAttributes(target, attributes & ~FileAttributes.ReadOnly);
        try
        {
            operation();
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            File.SetAttributes(target, attributes);
            throw;
        }
    }

    // Windows moves and deletes a link to a folder as a folder.
    private static bool IsFolderLink(string target)
        => OperatingSystem.IsWindows() && new FileInfo(target) is { LinkTarget: not null } link && (link.Attributes & FileAttributes.Directory) != 0;

    private static void Move(string from, string to, bool overwrite)
    {
        if (IsFolderLink(from))
            Directory.Move(from, to);
        else
            File.Move(from, to, overwrite);
    }

    // A name such as REPORT~1.TXT that the folder does not list is a second name of another entry.
    private static bool IsShortName(string folder, string name)
        => OperatingSystem.IsWindows() && name.Contains('~') && Path.Exists(Path.Combine(folder, name))
            && !FolderListing.Names(folder).Contains(name, StringComparer.OrdinalIgnoreCase);

    // Without this prefix Windows drops dots and spaces at the end of a name, and opens devices such as NUL in every folder.
    private static string Verbatim(string path)
    {
        if (!OperatingSystem.IsWindows() || path.StartsWith(@"\\?\", StringComparison.Ordinal))
            return path;
        string full = Path.GetFullPath(path);
        return full.StartsWith(@"\\", StringComparison.Ordinal) ? @"\\?\UNC\" + full[2..] : @"\\?\" + full;
    }

    private string At(string name) => Path.Combine(_path, name);
}
