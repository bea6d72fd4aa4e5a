using System.Runtime.InteropServices;

namespace P2PCopy.Tool;

/// <summary>
/// Keeps codes, tokens and keys in this process's memory out of crash dumps and away from other processes of the same user.
/// On Linux the process writes no core file and cannot be attached to or read through <c>/proc</c>; on macOS it writes no
/// core file; elsewhere nothing changes. Failures are ignored, because a transfer works without it.
/// </summary>
internal static class ProcessHardening
{
    private const int CoreFileSize = 4; // RLIMIT_CORE, on Linux and macOS
    private const int SetDumpable = 4; // PR_SET_DUMPABLE

    public static void Apply()
    {
        try
        {
            if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            {
                ResourceLimit none = default;
                _ = setrlimit(CoreFileSize, ref none);
            }

            if (OperatingSystem.IsLinux())
                _ = prctl(SetDumpable, 0, 0, 0, 0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system without these calls.
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setrlimit(int resource, ref ResourceLimit limit);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int prctl(int option, nuint value, nuint unused1, nuint unused2, nuint unused3);

    private readonly record struct ResourceLimit(ulong Current, ulong Maximum);
}
