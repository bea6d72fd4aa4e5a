using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>Writing through to the disk. The library's own call takes some errors for success.</summary>
internal static partial class Posix
{
    private const int Interrupted = 4;

    // Before Linux 5.8 the call succeeds although data could not be written.
    private static readonly bool ReportsAll = OperatingSystem.IsLinux() && Environment.OSVersion.Version >= new Version(5, 8);

    /// <summary>Whether an open file is on tmpfs or ramfs of Linux.</summary>
    public static unsafe bool IsInMemory(SafeFileHandle file)
    {
        const long tmpfs = 0x0102_1994, ramfs = 0x8584_58F6;
        if (Mac)
            return false;

        // The kind is the first field of a structure of 120 bytes.
        long* kind = stackalloc long[32];
        return fstatfs(file, kind) == 0 && *kind is tmpfs or ramfs;
    }

    /// <summary>Writes an open file to the disk, in order with later changes of names.</summary>
    /// <returns>0 or the error.</returns>
    public static int FlushContent(SafeFileHandle file)
    {
        const int barrier = 85; // F_BARRIERFSYNC: the disk may hold it back, but keeps the order
        return Mac && fcntl(file, barrier) == 0 ? 0 : Flushed(() => fsync(file));
    }

    /// <summary>Writes an open file or folder to the disk, and what the disk itself holds back.</summary>
    /// <returns>0 or the error.</returns>
    public static int FlushToDevice(SafeFileHandle file)
    {
        const int full = 51; // F_FULLFSYNC
        return Mac && fcntl(file, full) == 0 ? 0 : Flushed(() => fsync(file));
    }

    /// <summary>Writes everything of the file system of an open file to the disk.</summary>
    /// <returns>0, the error, or <see cref="FileErrors.NotAvailable"/>.</returns>
    public static int FlushAll(SafeFileHandle file)
    {
        int error = ReportsAll ? Result(syncfs(file)) : NotImplemented;
        return error == NotImplemented ? FileErrors.NotAvailable : error;
    }

    // A file system that has nothing to write through says that it does not support the call.
    private static int Flushed(Func<int> call)
    {
        int error;
        do
            error = Result(call());
        while (error == Interrupted);
        return error == InvalidArgument || error == NotSupported || error == NotImplemented ? 0 : error;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle file, int command);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int fstatfs(SafeFileHandle file, long* result);
}
