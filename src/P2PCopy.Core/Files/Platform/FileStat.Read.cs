using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

internal readonly partial record struct FileStat
{
    private static volatile bool StatxGone;

    /// <summary>True when the C library does not have statx: glibc before 2.28 and musl before 1.2.5. The kernel has it.</summary>
    internal static bool StatxIsMissing
    {
        get => StatxGone;
        set => StatxGone = value;
    }

    // <asm/unistd.h>; architectures without a number here get ENOSYS.
    private static long StatxNumber => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 332,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => 291,
        Architecture.Ppc64le => 383,
        Architecture.S390x => 379,
        _ => -1,
    };

    /// <summary>Asks about a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLinks">Asks about what a link points to.</param>
    /// <param name="stat">The answer.</param>
    /// <param name="error">The system's error number when the answer is false.</param>
    public static bool TryRead(string path, bool followLinks, out FileStat stat, out int error)
    {
        if (!Posix.Available)
            return TryReadByLibrary(path, followLinks, out stat, out error);
        return OperatingSystem.IsLinux()
            ? TryReadLinux(path, followLinks, out stat, out error)
            : TryReadMac(path, followLinks, out stat, out error);
    }

    /// <summary>Asks about an open file.</summary>
    /// <exception cref="IOException">The handle cannot be asked.</exception>
    public static FileStat Of(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsLinux() && Posix.Available)
        {
            return OfLinux(file);
        }

        if (OperatingSystem.IsMacOS() && Posix.Available)
        {
            return OfMac(file);
        }

        FileStatKind kind = Directory.Exists(path) ? FileStatKind.Folder : FileStatKind.File;
        return new FileStat(
            kind,
            RandomAccess.GetLength(file),
            File.GetLastWriteTimeUtc(file),
            OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(file),
            (File.GetAttributes(file) & FileAttributes.ReadOnly) != 0,
            0,
            0)
        {
            Allocated = kind == FileStatKind.File ? RandomAccess.GetLength(file) : 0,
            Changed = File.GetLastWriteTimeUtc(file),
        };
    }

    /// <summary>Reads the attributes of a name in an open folder; of a link itself.</summary>
    internal static unsafe bool TryReadAt(SafeFileHandle folder, string name, out FileStat stat, out int error)
    {
        byte* raw = stackalloc byte[256];
        if (OperatingSystem.IsLinux())
        {
            error = Statx(folder, name, NoAutomount | (name.Length == 0 ? EmptyPath : NoFollow), raw);
            stat = error == 0 ? FromLinux(raw) : default;
            return error == 0;
        }

        const int noFollow = 0x20;
        bool arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        string at = name.Length == 0 ? "." : name;
        error = (arm ? fstatat_mac_arm(folder, at, raw, noFollow) : fstatat_mac_x64(folder, at, raw, noFollow)) == 0 ? 0 : Marshal.GetLastPInvokeError();
        stat = error == 0 ? FromMac(raw) : default;
        return error == 0;
    }

    private static unsafe bool TryReadLinux(string path, bool followLinks, out FileStat stat, out int error)
    {
        byte* raw = stackalloc byte[256];
        error = Statx(null, path, NoAutomount | (followLinks ? 0 : NoFollow), raw);
        stat = error == 0 ? FromLinux(raw) : default;
        return error == 0;
    }

    private static unsafe FileStat OfLinux(SafeFileHandle file)
    {
        byte* raw = stackalloc byte[256];
        int error = Statx(file, "", EmptyPath, raw);
        return error == 0 ? FromLinux(raw) : throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    }

    /// <returns>0 or the error.</returns>
    private static unsafe int Statx(SafeFileHandle? folder, string path, int flags, byte* raw)
    {
        const int currentDirectory = -100;
        if (!StatxIsMissing)
        {
            try
            {
                int result = folder is null
                    ? statx(currentDirectory, path, flags, BasicStats, raw)
                    : statx_at(folder, path, flags, BasicStats, raw);
                return result == 0 ? 0 : Marshal.GetLastPInvokeError();
            }
            catch (EntryPointNotFoundException)
            {
                StatxIsMissing = true;
            }
        }

        long number = StatxNumber;
        long called = folder is null
            ? syscall(number, currentDirectory, path, flags, (nint)BasicStats, raw)
            : syscall_at(number, folder, path, flags, (nint)BasicStats, raw);
        return called == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    // struct statx, the same on every architecture: man 2 statx.
    private static unsafe FileStat FromLinux(byte* raw) => From(
        *(ushort*)(raw + 28),
        *(long*)(raw + 40),
        *(long*)(raw + 112),
        *(uint*)(raw + 120),
        ((ulong)*(uint*)(raw + 136) << 32) | *(uint*)(raw + 140),
        *(ulong*)(raw + 32)) with
    {
        Owner = *(uint*)(raw + 20),
        Links = *(uint*)(raw + 16),
        Allocated = *(long*)(raw + 48) * BlockUnit,
        Changed = Time(*(long*)(raw + 96), *(uint*)(raw + 104)),
    };

    private static FileStat From(int mode, long length, long seconds, long nanoseconds, ulong device, ulong inode)
    {
        FileStatKind kind = (mode & 0xF000) switch
        {
            0x8000 => FileStatKind.File,
            0x4000 => FileStatKind.Folder,
            0xA000 => FileStatKind.Link,
            _ => FileStatKind.Special,
        };
        return new FileStat(kind, kind == FileStatKind.File ? length : 0, Time(seconds, nanoseconds), (UnixFileMode)(mode & 0xFFF), false, device, inode);
    }

    private static DateTime Time(long seconds, long nanoseconds)
    {
        // A file system can hold times a DateTime cannot.
        const long first = -62135596800, last = 253402300799;
        return DateTime.UnixEpoch.AddTicks((Math.Clamp(seconds, first, last) * TimeSpan.TicksPerSecond) + (nanoseconds / 100));
    }

    private static bool TryReadByLibrary(string path, bool followLinks, out FileStat stat, out int error)
    {
        try
        {
            FileSystemInfo info = new FileInfo(path);
            if (followLinks && info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is { } target)
            {
                info = new FileInfo(target.FullName);
            }

            FileAttributes attributes = info.Attributes;
            error = (int)attributes == -1 ? FileErrors.NoSuchFile : 0;
            if (error != 0)
            {
                stat = default;
                return false;
            }

            FileStatKind kind = info.LinkTarget is not null ? FileStatKind.Link
                : (attributes & FileAttributes.Directory) != 0 ? FileStatKind.Folder
                : (attributes & FileAttributes.Device) != 0 ? FileStatKind.Special
                : FileStatKind.File;
            stat = new FileStat(
                kind,
                kind == FileStatKind.File ? ((FileInfo)info).Length : 0,
                info.LastWriteTimeUtc,
                OperatingSystem.IsWindows() ? null : info.UnixFileMode,
                (attributes & FileAttributes.ReadOnly) != 0,
                0,
                0)
            {
                Allocated = kind == FileStatKind.File ? ((FileInfo)info).Length : 0,
                Changed = info.LastWriteTimeUtc,
            };
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            stat = default;
            error = e is UnauthorizedAccessException ? FileErrors.AccessDenied
                : e is FileNotFoundException or DirectoryNotFoundException ? FileErrors.NoSuchFile
                : FileErrors.ErrorNumber(e);
            return false;
        }
    }

    private const uint BasicStats = 0x7FF;
    private const int NoFollow = 0x100;
    private const int NoAutomount = 0x800;
    private const int EmptyPath = 0x1000;
    private const long BlockUnit = 512;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* raw);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx_at(SafeFileHandle folder, string path, int flags, uint mask, byte* raw);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial long syscall(long number, nint folder, string path, nint flags, nint mask, byte* raw);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial long syscall_at(long number, SafeFileHandle folder, string path, nint flags, nint mask, byte* raw);
}
