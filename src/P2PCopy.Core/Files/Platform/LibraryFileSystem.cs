using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>Windows, and systems without known system calls, by the base class library.</summary>
internal sealed class LibraryFileSystem : FileSystem
{
    public override bool HasWindowsNames => OperatingSystem.IsWindows();

    public override bool AlwaysFolds => !OperatingSystem.IsLinux();

    // Windows has no holes without being asked, and writes the zeros later all the same.
    public override bool HasHoles => !OperatingSystem.IsWindows();

    // A file that is open without sharing cannot be renamed on Windows.
    public override bool RenamesOpenFiles => false;

    public override bool HasModes => !OperatingSystem.IsWindows();

    public override FolderHandle? OpenFolder(string path, out int error)
    {
        if (!FileStat.TryRead(path, followLinks: true, out FileStat stat, out error))
            return null;
        error = stat.Kind == FileStatKind.Folder ? 0 : FileErrors.NotAFolder;
        return error == 0 ? new LibraryFolder(path) : null;
    }

    public override SafeFileHandle? OpenRead(string path, bool followLinks, out int error)
    {
        SafeFileHandle? file = null;
        error = LibraryFolder.Try(() => file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return file;
    }

    public override int FlushContent(SafeFileHandle file)
        => OperatingSystem.IsWindows() && WindowsFlush.TryContent(file) ? 0 : LibraryFolder.Try(() => FileContent.FlushToDisk(file));

    public override int SetMode(SafeFileHandle file, UnixFileMode mode) => LibraryFolder.Try(() =>
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, mode);
    });

    public override int SetReadOnly(SafeFileHandle file, bool readOnly) => LibraryFolder.Try(() =>
    {
        if (OperatingSystem.IsWindows() && readOnly)
            File.SetAttributes(file, FileAttributes.ReadOnly);
    });

    public override int SetModified(SafeFileHandle file, DateTime modified) => LibraryFolder.Try(() => File.SetLastWriteTimeUtc(file, modified));
}
