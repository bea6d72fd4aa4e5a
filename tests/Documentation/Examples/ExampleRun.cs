using System.Diagnostics;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Documentation.Examples;

/// <summary>A program of <c>examples/</c> as a process, with the built tool on its path.</summary>
internal sealed class ExampleRun : IDisposable
{
    private static readonly string ExamplesFolder = Find("examples");
    private static readonly TemporaryFolder Tools = MakeTools();

    private readonly Process _process;
    private readonly ProcessOutput _out;
    private readonly ProcessOutput _error;

    private ExampleRun(Process process)
    {
        _process = process;
        _out = new ProcessOutput(process.StandardOutput);
        _error = new ProcessOutput(process.StandardError);
    }

    public int Id => _process.Id;

    /// <summary>Starts a program. An example is named without its folder.</summary>
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

    /// <summary>The next line of standard output.</summary>
    public Task<string> ReadLineAsync() => _out.ReadLineAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits until standard error contains a text.</summary>
    public Task WaitForErrorAsync(string text) => _error.WaitForAsync(text, TestContext.Current.CancellationToken);

    /// <summary>Writes standard input and closes it.</summary>
    public async Task WriteAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        _process.StandardInput.Close();
    }

    /// <summary>Waits for the end. The output is without the lines that were read.</summary>
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

        return (_process.ExitCode, await _out.RestAsync(), await _error.RestAsync());
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
        File.SetUnixFileMode(folder["p2pcopy"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }
}
