using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <content>How macOS is asked: stat of its C library, whose names differ by processor.</content>
internal readonly partial record struct FileStat
{
    private static unsafe bool TryReadMac(string path, bool followLinks, out FileStat stat, out int error)
    {
        byte* raw = stackalloc byte[256];
        bool arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        int result = (arm, followLinks) switch
        {
            (true, true) => stat_mac_arm(path, raw),
            (true, false) => lstat_mac_arm(path, raw),
            (false, true) => stat_mac_x64(path, raw),
            (false, false) => lstat_mac_x64(path, raw),
        };
        error = result == 0 ? 0 : Marshal.GetLastPInvokeError();
        stat = result == 0 ? FromMac(raw) : default;
        return result == 0;
    }

    private static unsafe FileStat OfMac(SafeFileHandle file)
    {
        byte* raw = stackalloc byte[256];
        bool arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        return (arm ? fstat_mac_arm(file, raw) : fstat_mac_x64(file, raw)) == 0
            ? FromMac(raw)
            : throw new IOException(Marshal.GetLastPInvokeErrorMessage(), Marshal.GetLastPInvokeError());
    }

    // struct stat with 64-bit inodes: <sys/stat.h> of macOS.
    private static unsafe FileStat FromMac(byte* raw) => From(
        *(ushort*)(raw + 4),
        *(long*)(raw + 96),
        *(long*)(raw + 48),
        *(long*)(raw + 56),
        *(uint*)raw,
        *(ulong*)(raw + 8)) with
    {
        Owner = *(uint*)(raw + 16),
        Links = *(ushort*)(raw + 6),
        Allocated = *(long*)(raw + 104) * BlockUnit,
        Changed = Time(*(long*)(raw + 64), *(long*)(raw + 72)),
    };

    [LibraryImport("libSystem.dylib", EntryPoint = "fstatat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int fstatat_mac_arm(SafeFileHandle folder, string path, byte* raw, int flags);

    [LibraryImport("libSystem.dylib", EntryPoint = "fstatat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int fstatat_mac_x64(SafeFileHandle folder, string path, byte* raw, int flags);

    [LibraryImport("libSystem.dylib", EntryPoint = "stat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int stat_mac_arm(string path, byte* raw);

    [LibraryImport("libSystem.dylib", EntryPoint = "lstat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int lstat_mac_arm(string path, byte* raw);

    [LibraryImport("libSystem.dylib", EntryPoint = "fstat", SetLastError = true)]
    private static unsafe partial int fstat_mac_arm(SafeFileHandle file, byte* raw);

    [LibraryImport("libSystem.dylib", EntryPoint = "stat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int stat_mac_x64(string path, byte* raw);

    [LibraryImport("libSystem.dylib", EntryPoint = "lstat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int lstat_mac_x64(string path, byte* raw);

    [LibraryImport("libSystem.dylib", EntryPoint = "fstat$INODE64", SetLastError = true)]
    private static unsafe partial int fstat_mac_x64(SafeFileHandle file, byte* raw);
}
