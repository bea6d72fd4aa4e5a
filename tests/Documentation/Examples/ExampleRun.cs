using System.Diagnostics;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Documentation.Examples;

/// <summary>One of <c>examples/</c> as a process, with the built tool on its path.</summary>
internal sealed class ExampleRun : IDisposable
{
    private static readonly string ExamplesFolder = Find("examples");
    private static readonly TemporaryFolder Tools = MakeTools();

    private readonly Process _process;
    private readonly Task<string> _out;
    private readonly Task<string> _error;

    private ExampleRun(Process process)
    {
        _process = process;
        _out = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>Starts a program; one of the examples is named without its folder.</summary>
    public static ExampleRun Start(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        string example = Path.Combine(ExamplesFolder, program);
        var start = new ProcessStartInfo(File.Exists(example) ? example : program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["PATH"] = Tools.FullPath + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return new ExampleRun(Process.Start(start)!);
    }

    /// <summary>The full path of an example.</summary>
    public static string PathOf(string name) => Path.Combine(ExamplesFolder, name);

    /// <summary>Waits for its end.</summary>
    public async Task<(int Status, string Out, string Error)> WaitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        return (_process.ExitCode, await _out, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static string Find(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, name)) && File.Exists(Path.Combine(folder.FullName, "P2PCopy.slnx")))
                return Path.Combine(folder.FullName, name);
        }

        throw new DirectoryNotFoundException($"{name} was not found above {AppContext.BaseDirectory}.");
    }

    private static TemporaryFolder MakeTools()
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        if (OperatingSystem.IsWindows())
            return folder;
        File.WriteAllText(folder["p2pcopy"], $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "p2pcopy.dll")}' \"$@\"\n");
        File.SetUnixFileMode(folder["p2pcopy"], (UnixFileMode)0x1ED); // 0755
        return folder;
    }
}
