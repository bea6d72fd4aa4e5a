using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>64-bit Linux and macOS, by system calls.</summary>
internal sealed class PosixFileSystem : FileSystem
{
    /// <summary>SIGXFSZ: without a handler, a write beyond the limit of <c>ulimit -f</c> ends the process. With one, the write fails.</summary>
    public const PosixSignal FileSizeExceeded = (PosixSignal)25;

    private static readonly Lazy<UnixFileMode> Mask = new(ReadMask);

    private readonly PosixSignalRegistration _fileSizeExceeded =
        PosixSignalRegistration.Create(FileSizeExceeded, context => context.Cancel = true);

    // macOS treats both compositions of a letter as one, even on a case-sensitive file system.
    public override bool AlwaysFolds => OperatingSystem.IsMacOS();

    public override UnixFileMode NewMask => Mask.Value;

    public override int MayWrite(string folder) => Posix.MayWrite(folder);

    public override int MayRead(string path, bool isFolder) => Posix.MayRead(path, isFolder);

    public override FolderHandle? OpenFolder(string path, out int error)
        => Posix.OpenFolder(path, out error) is { } handle ? new PosixFolder(handle) : null;

    public override SafeFileHandle? OpenRead(string path, bool followLinks, out int error) => Posix.OpenRead(path, followLinks, out error);

    public override bool TryLock(SafeFileHandle file) => Posix.TryLock(file);

    public override void Unlock(SafeFileHandle file) => Posix.Unlock(file);

    public override bool IsOwn(in FileStat stat) => stat.Owner == Posix.User;

    public override int SetMode(SafeFileHandle file, UnixFileMode mode) => Posix.SetMode(file, mode);

    public override int SetModified(SafeFileHandle file, DateTime modified) => Posix.SetModified(file, modified);

    public override bool IsInMemory(SafeFileHandle file) => Posix.IsInMemory(file);

    public override int FlushContent(SafeFileHandle file) => Posix.FlushContent(file);

    public override int FlushAll(SafeFileHandle file) => Posix.FlushAll(file);

    // umask(2) can only be read by changing it for every thread. Linux shows it in a file.
    private static UnixFileMode ReadMask()
    {
        const UnixFileMode usual = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        UnixFileMode mask = usual;
        try
        {
            foreach (string line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("Umask:", StringComparison.Ordinal))
                {
                    mask = (UnixFileMode)Convert.ToInt32(line[6..].Trim(), 8);
                    break;
                }
            }
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            // There is no /proc here.
        }

        return AllPermissions & ~mask;
    }
}
