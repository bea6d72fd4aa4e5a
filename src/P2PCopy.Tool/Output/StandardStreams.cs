using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Tool.Output;

/// <summary>
/// Standard input, output and error of this process. A process may be started with one of them closed (<c>&gt;&amp;-</c>). The
/// runtime then uses its number for a file or a socket of its own, which must not be read or written as a standard stream.
/// </summary>
internal static class StandardStreams
{
    private const int Input = 0;
    private const int Output = 1;
    private const int Error = 2;
    private const int GetDescriptorFlags = 1; // F_GETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC
    private const int WindowsOutput = -11; // STD_OUTPUT_HANDLE

    public static Stream OpenInput()
        => IsOpen(Input) ? Console.OpenStandardInput() : throw new P2PException(P2PErrorCode.InvalidOption, "Standard input is closed.");

    public static TextReader OpenTextInput() => IsOpen(Input) ? Console.In : TextReader.Null;

    /// <summary>Standard output for content. A failed write is an error there.</summary>
    public static Stream OpenContentOutput()
    {
        if (!IsOpen(Output))
            throw new P2PException(P2PErrorCode.InvalidOption, "Standard output is closed.");

        // The console stream of .NET reports a write to a pipe without a reader as a success, and while a slow reader delays it, it
        // delays standard error too. It is used for files only, whose position other processes share.
        if (OperatingSystem.IsWindows() && !Console.IsOutputRedirected)
            return Console.OpenStandardOutput();
        nint handle = OperatingSystem.IsWindows() ? GetStdHandle(WindowsOutput) : Output;
        var stream = new FileStream(new SafeFileHandle(handle, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }

    /// <summary>Standard error for text.</summary>
    public static LineWriter OpenError() => new(Text(Error, Console.IsErrorRedirected, Console.OpenStandardError));

    /// <summary>Standard output for text.</summary>
    /// <param name="error">Reports the first line that is lost.</param>
    public static LineWriter OpenOutput(LineWriter error)
        => new(
            Text(Output, Console.IsOutputRedirected, Console.OpenStandardOutput),
            e => error.WriteLine($"Warning: standard output could not be written ({e.Message.TrimEnd('.')}); its lines are lost"));

    private static Stream Text(int descriptor, bool isRedirected, Func<Stream> openConsole)
        => !IsOpen(descriptor) ? new ClosedStream()
            : isRedirected && !OperatingSystem.IsWindows() ? new DescriptorStream(descriptor)
            : openConsole();

    /// <summary>
    /// Whether the process was started with this descriptor. A descriptor that is closed at the start of a program cannot be one of
    /// those it was started with, and the runtime marks every descriptor that it opens this way.
    /// </summary>
    private static bool IsOpen(int descriptor)
    {
        if (OperatingSystem.IsWindows())
            return true;
        int flags = fcntl(descriptor, GetDescriptorFlags);
        return flags >= 0 && (flags & CloseOnExec) == 0;
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fcntl(int descriptor, int command);

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint GetStdHandle(int number);
}
