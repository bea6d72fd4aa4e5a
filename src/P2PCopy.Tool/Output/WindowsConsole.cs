using System.Runtime.InteropServices;

namespace P2PCopy.Tool.Output;

/// <summary>
/// Lets a console of Windows show what this program writes: UTF-8, and the escape sequence that clears a line. The settings belong to
/// the console and not to this program, so they are put back at the end. Elsewhere it does nothing.
/// </summary>
internal sealed class WindowsConsole : IDisposable
{
    private const int Output = -11; // STD_OUTPUT_HANDLE
    private const int Error = -12; // STD_ERROR_HANDLE
    private const uint Utf8 = 65001; // CP_UTF8
    private const uint Sequences = 4; // ENABLE_VIRTUAL_TERMINAL_PROCESSING

    private readonly List<(nint Handle, uint Mode)> _modes = [];
    private readonly uint _codePage;

    public WindowsConsole()
    {
        if (!OperatingSystem.IsWindows())
            return;
        foreach (int number in new[] { Output, Error })
        {
            // Only a console has a mode; files and pipes get the bytes as they are.
            nint handle = GetStdHandle(number);
            if (!GetConsoleMode(handle, out uint mode))
                continue;
            if ((mode & Sequences) == 0 && SetConsoleMode(handle, mode | Sequences))
                _modes.Add((handle, mode));
            if (_codePage == 0 && GetConsoleOutputCP() is var page and not Utf8 && SetConsoleOutputCP(Utf8))
                _codePage = page;
        }
    }

    public void Dispose()
    {
        foreach ((nint handle, uint mode) in _modes)
            _ = SetConsoleMode(handle, mode);
        if (_codePage != 0)
            _ = SetConsoleOutputCP(_codePage);
    }

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern nint GetStdHandle(int number);

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetConsoleMode(nint handle, out uint mode);

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool SetConsoleMode(nint handle, uint mode);

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern uint GetConsoleOutputCP();

    [DllImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool SetConsoleOutputCP(uint codePage);
}
