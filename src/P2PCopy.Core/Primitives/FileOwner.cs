using System.Runtime.InteropServices;

#if CMDLETS
namespace P2PCopy.Cmdlets.Shared;
#else
namespace P2PCopy.Primitives;
#endif

/// <summary>Finds out whether a file or folder belongs to another user of the machine. On Windows nothing does; its access list counts there.</summary>
internal static class FileOwner
{
    private const uint Root = 0;

    /// <summary>The user id of the owner if that is neither this user nor root; otherwise null. A link stands for its target.</summary>
    /// <exception cref="IOException">The owner cannot be read.</exception>
    public static uint? Foreign(string path)
    {
        if (OperatingSystem.IsWindows())
            return null;
        if (SystemNative_Stat(path, out Status status) != 0)
            throw new IOException($"Its owner could not be read: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        return status.User == Root || status.User == SystemNative_GetEUid() ? null : status.User;
    }

    // The part of .NET that hides the differences between the C libraries and architectures: the layout of stat is one of them.
    [DllImport("libSystem.Native", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int SystemNative_Stat([MarshalAs(UnmanagedType.LPUTF8Str)] string path, out Status status);

    [DllImport("libSystem.Native")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern uint SystemNative_GetEUid();

    /// <summary>The beginning of its <c>FileStatus</c>, with space for the rest.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private readonly struct Status
    {
        private readonly int _flags;
        private readonly int _mode;

        public readonly uint User;
    }
}
