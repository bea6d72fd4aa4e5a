using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>
/// System calls that the base class library does not offer: files and folders by folder handle and without following
/// links, a rename that never replaces, locks. Used on 64-bit Linux and macOS, whose layouts are stable; elsewhere
/// <see cref="Available"/> is false.
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
    private static readonly int FolderOnly = Mac ? 0x10_0000 : SwappedFlags ? 0x4000 : 0x10000;
    private static readonly int CloseOnExec = Mac ? 0x100_0000 : 0x80000;
    private static readonly int NonBlocking = Mac ? 4 : 0x800;
    private static readonly int CreateExclusive = Mac ? 0x200 | 0x800 : 0x40 | 0x80;

    // O_PATH: a folder that may be entered but not listed can be opened too. macOS does not have it.
    private static readonly int PathOnly = Mac ? 0 : 0x20_0000;
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;

    private static readonly int TooManyLinks = Mac ? 62 : FileErrors.IsLink;
    private static readonly int WouldBlock = Mac ? 35 : 11;
    private static readonly int NotImplemented = Mac ? 78 : 38;
    private static readonly int NotSupported = Mac ? 45 : 95;
    private const int InvalidArgument = 22;
    private const int NotPermitted = 1;
    private static readonly int LinkItself = Mac ? 0x20 : 0x100;

    private static bool Openat2Missing = Mac;

    /// <summary>The effective user id.</summary>
    public static uint User { get; } = Available ? geteuid() : 0;

    /// <summary>Whether this user may create entries in a folder.</summary>
    /// <returns>0, or the error number.</returns>
    public static int MayWrite(string folder)
    {
        const int writeAndEnter = 2 | 1;
        return Result(access(folder, writeAndEnter));
    }

    /// <summary>Whether this user may read a file, or list and enter a folder.</summary>
    /// <returns>0, or the error number.</returns>
    public static int MayRead(string path, bool isFolder)
    {
        const int read = 4, enter = 1;
        return Result(access(path, isFolder ? read | enter : read));
    }

    /// <summary>Opens a folder by its path, through links.</summary>
    public static SafeFileHandle? OpenFolder(string path, out int error)
        => Wrap(open(path, ReadOnly | PathOnly | FolderOnly | CloseOnExec, 0), out error);

    /// <summary>Opens a folder in a folder, never through a link.</summary>
    public static SafeFileHandle? OpenFolderAt(SafeFileHandle folder, string name, out int error)
        => OpenAt(folder, name, ReadOnly | PathOnly | FolderOnly, 0, out error);

    /// <summary>Opens a folder below a folder in one call that follows no link and cannot leave it.</summary>
    /// <returns>False where the kernel does not have the call.</returns>
    public static unsafe bool TryOpenBeneath(SafeFileHandle folder, string relative, out SafeFileHandle? opened, out int error)
    {
        const ulong noLinks = 4, beneath = 8;
        const long openat2 = 437;
        const int again = 11;
        opened = null;
        error = 0;
        if (Volatile.Read(ref Openat2Missing))
            return false;
        OpenHow how = new((ulong)(uint)(ReadOnly | PathOnly | FolderOnly | CloseOnExec), 0, noLinks | beneath);
        opened = Wrap((int)syscall(openat2, folder, relative, &how, sizeof(OpenHow)), out error);

        // A sandbox may forbid a call that it does not know. A rename elsewhere makes the kernel ask for another try.
        if (error == NotImplemented || error == NotPermitted || error == InvalidArgument)
            Volatile.Write(ref Openat2Missing, true);
        return !(error == NotImplemented || error == NotPermitted || error == InvalidArgument || error == again);
    }

    /// <summary>Opens for reading. Never blocks on a pipe that took the file's place.</summary>
    /// <returns>The handle, or null with <paramref name="error"/> set.</returns>
    public static SafeFileHandle? OpenRead(string path, bool followLinks, out int error)
        => Wrap(open(path, ReadOnly | NonBlocking | CloseOnExec | (followLinks ? 0 : NoFollow), 0), out error);

    /// <summary>Opens an entry of a folder for reading, never through a link. Never blocks on a pipe.</summary>
    public static SafeFileHandle? OpenReadAt(SafeFileHandle folder, string name, out int error)
        => OpenAt(folder, name, ReadOnly | NonBlocking, 0, out error);

    /// <summary>Opens an existing file for reading and writing, never through a link.</summary>
    public static SafeFileHandle? OpenWriteAt(SafeFileHandle folder, string name, out int error)
        => OpenAt(folder, name, ReadWrite | NonBlocking, 0, out error);

    /// <summary>Creates a file that must not exist, for this user alone.</summary>
    public static SafeFileHandle? CreateNewAt(SafeFileHandle folder, string name, out int error)
        => OpenAt(folder, name, ReadWrite | CreateExclusive, UnixFileMode.UserRead | UnixFileMode.UserWrite, out error);

    /// <summary>Reads at a position.</summary>
    /// <returns>The number of bytes, 0 at the end, or -1 when the system refused.</returns>
    public static unsafe int Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        fixed (byte* first = buffer)
            return (int)pread(file, first, buffer.Length, offset);
    }

    /// <summary>Writes at a position.</summary>
    /// <returns>The number of bytes, which may be fewer, or -1 when the system refused.</returns>
    public static unsafe int Write(SafeFileHandle file, ReadOnlySpan<byte> data, long offset)
    {
        fixed (byte* first = data)
            return (int)pwrite(file, first, data.Length, offset);
    }

    /// <summary>Takes the exclusive lock without waiting.</summary>
    /// <returns>False when another process or handle has it. True also where the file system has no locks.</returns>
    public static bool TryLock(SafeFileHandle file)
    {
        const int exclusiveNonBlocking = 2 | 4;
        return flock(file, exclusiveNonBlocking) == 0 || Marshal.GetLastPInvokeError() != WouldBlock;
    }

    /// <summary>
    /// Releases the lock that <see cref="TryLock"/> may have taken, and closes the file. Closing alone would leave the lock
    /// with a process that is being started: between fork and exec it has all open files of this one.
    /// </summary>
    public static void Unlock(SafeFileHandle file)
    {
        const int unlock = 8;
        _ = flock(file, unlock);
        file.Dispose();
    }

    /// <summary>Sets the modification time, and the access time to now.</summary>
    /// <remarks>Some file systems in user space accept a call for one of the two times and ignore it.</remarks>
    public static unsafe int SetModified(SafeFileHandle file, DateTime modified)
    {
        TimeSpec* times = stackalloc TimeSpec[2];
        FillTimes(times, modified);
        return Result(futimens(file, times));
    }

    /// <summary>Sets the times of an open folder, as <see cref="SetModified"/> does.</summary>
    public static unsafe int SetOwnModified(SafeFileHandle folder, DateTime modified)
    {
        TimeSpec* times = stackalloc TimeSpec[2];
        FillTimes(times, modified);
        if (Mac)
            return Result(futimens(folder, times));
        int error = Result(utimensat(folder, OwnPath(folder), times, 0));
        return error == FileErrors.NoSuchFile ? Result(utimensat(folder, ".", times, 0)) : error;
    }

    /// <summary>Sets the permission bits.</summary>
    public static int SetMode(SafeFileHandle file, UnixFileMode mode) => Result(fchmod(file, (uint)mode));

    /// <summary>Sets the permission bits of an open folder.</summary>
    public static int SetOwnMode(SafeFileHandle folder, UnixFileMode mode)
    {
        if (Mac)
            return SetMode(folder, mode);
        int error = Result(fchmodat(folder, OwnPath(folder), (uint)mode, 0));
        return error == FileErrors.NoSuchFile ? Result(fchmodat(folder, ".", (uint)mode, 0)) : error;
    }

    /// <summary>Makes a folder in a folder.</summary>
    public static int MakeFolderAt(SafeFileHandle folder, string name, UnixFileMode mode) => Result(mkdirat(folder, name, (uint)mode));

    /// <summary>Makes a link with a modification time.</summary>
    public static unsafe int MakeLinkAt(SafeFileHandle folder, string name, string target, DateTime modified)
    {
        if (symlinkat(target, folder, name) != 0)
            return Marshal.GetLastPInvokeError();
        TimeSpec* times = stackalloc TimeSpec[2];
        FillTimes(times, modified);
        _ = utimensat(folder, name, times, LinkItself);
        return 0;
    }

    /// <summary>The target of a link, or null.</summary>
    public static unsafe string? ReadLinkAt(SafeFileHandle folder, string name)
    {
        const int longest = 4096;
        byte* target = stackalloc byte[longest];
        nint length = readlinkat(folder, name, target, longest);
        return length is > 0 and < longest ? System.Text.Encoding.UTF8.GetString(target, (int)length) : null;
    }

    /// <summary>Renames over an existing file, atomically.</summary>
    public static int ReplaceAt(SafeFileHandle folder, string from, string to) => Result(renameat(folder, from, folder, to));

    /// <summary>Renames and fails with <see cref="FileErrors.AlreadyExists"/> rather than replace.</summary>
    public static int MoveNewAt(SafeFileHandle folder, string from, string to)
    {
        int error = RenameExclusive(folder, from, to);
        if (error != NotImplemented && error != InvalidArgument && error != NotSupported)
            return error;

        // File systems without the flag mostly have hard links, which never replace either.
        error = Result(linkat(folder, from, folder, to, 0));
        if (error == 0)
            return RemoveAt(folder, from);
        if (error != NotPermitted && error != NotSupported && error != NotImplemented)
            return error;

        // FAT and some network file systems have neither, so a file that appears between the two calls is replaced.
        return FileStat.TryReadAt(folder, to, out _, out _) ? FileErrors.AlreadyExists : ReplaceAt(folder, from, to);
    }

    /// <summary>Removes a file or link. A missing one is no error.</summary>
    public static int RemoveAt(SafeFileHandle folder, string name)
        => Result(unlinkat(folder, name, 0)) is var error && error == FileErrors.NoSuchFile ? 0 : error;

    /// <summary>Opens a folder again, for calls that a handle for its path alone does not permit.</summary>
    public static SafeFileHandle? OpenFolderForReading(SafeFileHandle folder, out int error)
        => OpenAt(folder, ".", ReadOnly | FolderOnly, 0, out error);

    /// <summary>An extended attribute of an open folder; null when it has none, and on macOS.</summary>
    public static unsafe byte[]? ReadAttribute(SafeFileHandle folder, string name)
    {
        if (Mac)
            return null;
        const int longest = 4096;
        byte* value = stackalloc byte[longest];
        nint length = getxattr(OwnPath(folder), name, value, longest);
        return length > 0 ? new ReadOnlySpan<byte>(value, (int)length).ToArray() : null;
    }

    /// <summary>
    /// On Linux, a path that is an open file or folder itself, whatever took its place. Unlike <c>.</c> in a folder it needs
    /// no search permission.
    /// </summary>
    public static string OwnPath(SafeFileHandle file)
        => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}");

    private static int RenameExclusive(SafeFileHandle folder, string from, string to)
    {
        const uint exclusiveOnMac = 4, exclusive = 1;
        try
        {
            return Result(Mac ? renameatx_np(folder, from, folder, to, exclusiveOnMac) : renameat2(folder, from, folder, to, exclusive));
        }
        catch (EntryPointNotFoundException)
        {
            return NotImplemented;
        }
    }

    private static SafeFileHandle? OpenAt(SafeFileHandle folder, string name, int flags, UnixFileMode mode, out int error)
    {
        flags |= CloseOnExec | NoFollow;

        // open is variadic, and Apple's ARM passes variadic arguments on the stack. Eight arguments before it fill the registers.
        int descriptor = Mac && RuntimeInformation.ProcessArchitecture == Architecture.Arm64
            ? openat_on_stack(folder, name, flags, 0, 0, 0, 0, 0, (int)mode)
            : openat(folder, name, flags, (int)mode);
        return Wrap(descriptor, out error);
    }

    private static int Result(int result)
    {
        int error = result == 0 ? 0 : Marshal.GetLastPInvokeError();
        return error == TooManyLinks ? FileErrors.IsLink : error;
    }

    private static SafeFileHandle? Wrap(int descriptor, out int error)
    {
        error = descriptor >= 0 ? 0 : Marshal.GetLastPInvokeError();
        if (error == TooManyLinks)
            error = FileErrors.IsLink;
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }

    private static unsafe void FillTimes(TimeSpec* times, DateTime modified)
    {
        times[0] = Spec(TimeProvider.System.GetUtcNow().UtcDateTime);
        times[1] = Spec(modified);
    }

    private static TimeSpec Spec(DateTime time)
    {
        long ticks = time.ToUniversalTime().Ticks - DateTime.UnixEpoch.Ticks;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        return new TimeSpec(seconds, rest * 100);
    }
}
