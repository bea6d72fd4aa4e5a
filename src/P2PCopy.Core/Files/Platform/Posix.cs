using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>
/// The few system calls the base class library does not offer or pays several calls for: one <c>stat</c> that tells the
/// kind, opening without following links, a rename that never replaces. Used on 64-bit Linux and macOS, whose layouts
/// are stable; everywhere else <see cref="Available"/> is false and callers take the library's way.
/// </summary>
internal static partial class Posix
{
    /// <summary>True where the calls below may be used.</summary>
    public static bool Available { get; } =
        (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()) && Environment.Is64BitProcess;

    private static readonly bool Mac = OperatingSystem.IsMacOS();

    // The open flags differ: macOS has its own, and on Linux the ARM and POWER families swapped three of them.
    private static readonly bool SwappedFlags =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le;

    private static readonly int NoFollow = Mac ? 0x100 : SwappedFlags ? 0x8000 : 0x20000;
    private static readonly int CloseOnExec = Mac ? 0x100_0000 : 0x80000;
    private static readonly int NonBlocking = Mac ? 4 : 0x800;
    private static readonly int CreateExclusive = Mac ? 0x200 | 0x800 : 0x40 | 0x80;
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;

    public const int NoSuchFile = 2;
    public const int AccessDenied = 13;
    public const int AlreadyExists = 17;
    public const int NotADirectory = 20;
    public static readonly int TooManyLinks = Mac ? 62 : 40;
    private static readonly int WouldBlock = Mac ? 35 : 11;
    private static readonly int NotImplemented = Mac ? 78 : 38;
    private static readonly int NotSupported = Mac ? 45 : 95;
    private const int InvalidArgument = 22;
    private const int NotPermitted = 1;

    /// <summary>Opens for reading. Never blocks on a pipe that took the file's place.</summary>
    /// <returns>The handle, or null with <paramref name="error"/> set.</returns>
    public static SafeFileHandle? OpenRead(string path, bool followLinks, out int error)
        => Open(path, ReadOnly | NonBlocking | CloseOnExec | (followLinks ? 0 : NoFollow), out error);

    /// <summary>Opens an existing file for reading and writing, never through a link.</summary>
    public static SafeFileHandle? OpenExisting(string path, out int error)
        => Open(path, ReadWrite | NonBlocking | CloseOnExec | NoFollow, out error);

    /// <summary>Creates a file that must not exist, mode 0600.</summary>
    public static SafeFileHandle? CreateNew(string path, out int error)
    {
        if (Mac)
        {
            // open(2) is variadic, and Apple's ARM passes variadic arguments on the stack, which P/Invoke does not.
            return CreateNewByLibrary(path, out error);
        }

        return Wrap(open(path, ReadWrite | CreateExclusive | CloseOnExec | NoFollow, 0x180), out error);
    }

    /// <summary>Takes the exclusive lock without waiting.</summary>
    /// <returns>False when another process or handle has it. True also where the file system has no locks.</returns>
    public static bool TryLock(SafeFileHandle file)
    {
        const int exclusiveNonBlocking = 2 | 4;
        return flock(file, exclusiveNonBlocking) == 0 || Marshal.GetLastPInvokeError() != WouldBlock;
    }

    /// <summary>
    /// Gives back what <see cref="TryLock"/> may have taken, and closes the file. Closing alone would leave the lock with a
    /// process that is just being started: between fork and exec it has all open files of this one.
    /// </summary>
    public static void Unlock(SafeFileHandle file)
    {
        const int unlock = 8;
        _ = flock(file, unlock);
        file.Dispose();
    }

    /// <summary>Sets the modification time and leaves the access time.</summary>
    /// <returns>0 or the error.</returns>
    public static unsafe int SetModified(SafeFileHandle file, DateTime modified)
    {
        TimeSpec* times = stackalloc TimeSpec[2];
        FillTimes(times, modified);
        return futimens(file, times) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Sets the modification time of a path; of a link itself when <paramref name="ofLink"/>.</summary>
    public static unsafe int SetModified(string path, DateTime modified, bool ofLink)
    {
        TimeSpec* times = stackalloc TimeSpec[2];
        FillTimes(times, modified);
        int currentDirectory = Mac ? -2 : -100;
        int noFollow = Mac ? 0x20 : 0x100;
        return utimensat(currentDirectory, path, times, ofLink ? noFollow : 0) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Sets the permission bits.</summary>
    public static int SetMode(SafeFileHandle file, int mode)
        => fchmod(file, (uint)mode) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Sets the permission bits.</summary>
    public static int SetMode(string path, int mode)
        => chmod(path, (uint)mode) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Makes a folder.</summary>
    public static int MakeFolder(string path, int mode)
        => mkdir(path, (uint)mode) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Renames over whatever file is there, atomically.</summary>
    public static int Replace(string from, string to)
        => rename(from, to) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Renames and fails with <see cref="AlreadyExists"/> rather than replace; no window in which it could.</summary>
    public static int MoveNew(string from, string to)
    {
        int error = RenameExclusive(from, to);
        if (error != NotImplemented && error != InvalidArgument && error != NotSupported)
        {
            return error;
        }

        // File systems without the flag mostly have hard links, which never replace either.
        if (link(from, to) == 0)
        {
            return unlink(from) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }

        error = Marshal.GetLastPInvokeError();
        if (error != NotPermitted && error != NotSupported && error != NotImplemented)
        {
            return error;
        }

        // Neither (FAT and some network mounts): look first. This is the best such a file system can do.
        return FileStat.TryRead(to, followLinks: false, out _, out _) ? AlreadyExists : Replace(from, to);
    }

    /// <summary>Removes a file; missing is as good.</summary>
    public static void Remove(string path) => _ = unlink(path);

    /// <summary>Writes a folder's entries through to the disk.</summary>
    public static int SyncFolder(string path)
    {
        using SafeFileHandle? folder = OpenRead(path, followLinks: true, out int error);
        if (folder is null) return error;
        RandomAccess.FlushToDisk(folder);
        return 0;
    }

    private static int RenameExclusive(string from, string to)
    {
        try
        {
            int result = Mac ? renamex_np(from, to, 4) : renameat2(-100, from, -100, to, 1);
            return result == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        catch (EntryPointNotFoundException)
        {
            return NotImplemented;
        }
    }

    private static SafeFileHandle? CreateNewByLibrary(string path, out int error)
    {
        error = 0;
        try
        {
            // The library takes its advisory lock here, which is the one TryLock asks for again.
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
            };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new FileStream(path, options).SafeFileHandle;
        }
        catch (IOException exception)
        {
            error = File.Exists(path) ? AlreadyExists : FileErrors.ErrorNumber(exception);
        }
        catch (UnauthorizedAccessException)
        {
            error = AccessDenied;
        }

        return null;
    }

    private static SafeFileHandle? Open(string path, int flags, out int error) => Wrap(open(path, flags, 0), out error);

    private static SafeFileHandle? Wrap(int descriptor, out int error)
    {
        error = descriptor >= 0 ? 0 : Marshal.GetLastPInvokeError();
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }

    private static unsafe void FillTimes(TimeSpec* times, DateTime modified)
    {
        long ticks = modified.ToUniversalTime().Ticks - DateTime.UnixEpoch.Ticks;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        times[0] = new TimeSpec(0, Mac ? -2 : (1 << 30) - 2); // UTIME_OMIT
        times[1] = new TimeSpec(seconds, rest * 100);
    }

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int futimens(SafeFileHandle file, TimeSpec* times);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int utimensat(int folder, string path, TimeSpec* times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(SafeFileHandle file, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renamex_np(string from, string to, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);
}
