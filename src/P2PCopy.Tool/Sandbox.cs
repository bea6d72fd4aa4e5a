using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using P2PCopy.Tool.Output;

namespace P2PCopy.Tool;

/// <summary>
/// A Landlock sandbox for a receiver on Linux, by default for a standing one only: the process can change files only below some folders and can start no
/// program. Landlock restricts a thread and what it starts, and the runtime has other threads before the program begins. So the
/// program restricts one thread and starts itself anew from it, in the same process: every thread of the new start is restricted.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe class Sandbox
{
    /// <summary>Set to <c>off</c>, it prevents the sandbox; <c>on</c> puts a single transfer into one. The second start finds <see cref="Entered"/> in it.</summary>
    public const string Variable = "P2PCOPY_SANDBOX";

    private const string Entered = "entered";
    private const int TruncateVersion = 3; // of Landlock: before it, a file could be emptied from inside

    // Numbers of system calls, the same on every architecture.
    private const nint CreateRuleset = 444;
    private const nint AddRule = 445;
    private const nint RestrictSelf = 446;

    private const ulong Execute = 1;
    private const ulong FileWrites = (1 << 1) | (1 << 14); // write, truncate
    private const ulong AllWrites = FileWrites | (0x7FF << 4); // and remove, make, link or rename across folders
    private const ulong SpecialFiles = (1 << 6) | (1 << 9) | (1 << 10) | (1 << 11); // make devices, sockets and pipes
    private const int SetNoNewPrivileges = 38;
    private const int PathOnly = 0x200000 | 0x80000; // O_PATH, O_CLOEXEC

    /// <summary>Whether a receiver of one transfer is to have a sandbox: the second start takes time.</summary>
    public static bool IsWanted(ToolHost host) => host.Variable(Variable) == "on";

    /// <summary>Starts the program anew in the sandbox, or returns: inside it, where there is none, or without its need.</summary>
    /// <param name="host">The process.</param>
    /// <param name="places">What to write to. Of a place that does not exist yet, the nearest folder above it that does.</param>
    /// <exception cref="P2PException">The program is restricted and did not start anew.</exception>
    public static void Enter(ToolHost host, IEnumerable<string> places)
    {
        if (host.Variable(Variable) is not (null or "on") || !IsPossible())
            return;

        string[] folders = [.. places.Select(Nearest), .. HistoryFolder(host)];
        string[] arguments = StartArguments();
        ulong handled = AllWrites | Execute;
        int rules = (int)syscall(CreateRuleset, (nint)(&handled), sizeof(ulong), 0, 0);
        if (rules < 0)
            return;
        foreach (string folder in folders)
            Allow(rules, folder, AllWrites & ~SpecialFiles);
        foreach (string device in (string[])["/dev/null", "/dev/tty"])
            Allow(rules, device, FileWrites);
        foreach (string program in (string[])["/proc/self/exe", .. Loaders()])
            Allow(rules, program, Execute);

        if (prctl(SetNoNewPrivileges, 1, 0, 0, 0) != 0 || syscall(RestrictSelf, rules, 0, 0, 0) != 0)
            return;
        _ = setenv(Variable, Entered, 1);
        nint[] list = [.. arguments.Select(Marshal.StringToCoTaskMemUTF8), 0];
        fixed (nint* pointers = list)
            _ = execv("/proc/self/exe", pointers);
        throw new P2PException(P2PErrorCode.Failure, $"The program could not start anew in its sandbox: {Marshal.GetLastPInvokeErrorMessage()}.") { Hint = $"Set {Variable}=off to receive without one." };
    }

    private static string Nearest(string place)
    {
        string folder = Path.GetFullPath(place);
        while (!Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    private static string[] HistoryFolder(ToolHost host)
    {
        if (OperatingSystem.IsWindows() || new HistoryFile(host).Path is not { } path)
            return [];
        try
        {
            return [Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The kernel has it, and no filter of system calls is active that might end the process for asking.</summary>
    private static bool IsPossible()
    {
        try
        {
            return File.ReadLines("/proc/self/status").Contains("Seccomp:\t0", StringComparer.Ordinal) && syscall(CreateRuleset, 0, 0, 1, 0) >= TruncateVersion;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static void Allow(int rules, string path, ulong rights)
    {
        int file = open(path, PathOnly);
        if (file < 0)
            return;
        byte* rule = stackalloc byte[sizeof(ulong) + sizeof(int)];
        *(ulong*)rule = rights;
        *(int*)(rule + sizeof(ulong)) = file;
        _ = syscall(AddRule, rules, 1, (nint)rule, 0);
        _ = close(file);
    }

    /// <summary>The dynamic loader, which the kernel starts for the program.</summary>
    private static IEnumerable<string> Loaders()
        => File.ReadLines("/proc/self/maps").Select(line => line[Math.Max(0, line.IndexOf('/'))..]).Where(path => Path.GetFileName(path).StartsWith("ld-", StringComparison.Ordinal)).Distinct();

    /// <summary>The arguments of this start. Secrets in the system's list are masked by now, so the program's own come from the runtime.</summary>
    private static string[] StartArguments()
    {
        string[] own = Environment.GetCommandLineArgs()[1..];
        string[] all = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');
        return [.. all.SkipLast(own.Length), .. own];
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint syscall(nint number, nint first, nint second, nint third, nint fourth);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int prctl(int option, nint value, nint unused1, nint unused2, nint unused3);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int file);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int execv([MarshalAs(UnmanagedType.LPUTF8Str)] string path, nint* arguments);
}
