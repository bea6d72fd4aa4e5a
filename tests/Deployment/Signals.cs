using System.Runtime.InteropServices;

namespace P2PCopy.Tests.Deployment;

/// <summary>Signals to a process by its number.</summary>
internal static partial class Signals
{
    private const int SignalTerminate = 15;

    /// <summary>SIGTERM, as a service manager sends it.</summary>
    public static void Terminate(int process) => Assert.Equal(0, SendSignal(process, SignalTerminate));

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}
