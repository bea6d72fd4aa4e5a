using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace P2PCopy.Tests.Deployment;

/// <summary>The tool in a process of its own, as people run it; killed at the end of the test if it still runs.</summary>
internal sealed partial class DeployedTool : IAsyncDisposable
{
    private const int SignalTerminate = 15;
    private const int SignalKill = 9;

    private static readonly string[] ProxyVariables = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private DeployedTool(Process process)
    {
        _process = process;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where a relay listens.</summary>
    public Uri Address { get; private set; } = new("ws://127.0.0.1");

    public int Id => _process.Id;

    /// <summary>Processor time, in user and system mode.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident bytes.</summary>
    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What it has printed, on both outputs.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>The tool of the same configuration as the tests.</summary>
    public static string Program
    {
        get
        {
            string configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            string program = Path.Combine(AppContext.BaseDirectory, "..", "..", "P2PCopy.Tool", configuration, OperatingSystem.IsWindows() ? "p2pcopy.exe" : "p2pcopy");
            return Path.GetFullPath(File.Exists(program) ? program : Path.Combine(AppContext.BaseDirectory, Path.GetFileName(program)));
        }
    }

    /// <summary>Starts the tool.</summary>
    /// <param name="environment">Variables to set; those for proxies are cleared first.</param>
    /// <param name="arguments">Its arguments.</param>
    public static DeployedTool Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
        => StartProgram(Program, environment, arguments);

    /// <summary>Starts a program, for example a shell that starts the tool.</summary>
    /// <param name="program">The program.</param>
    /// <param name="environment">Variables to set; those for proxies are cleared first.</param>
    /// <param name="arguments">Its arguments.</param>
    public static DeployedTool StartProgram(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string variable in ProxyVariables)
        {
            start.Environment.Remove(variable);
            start.Environment.Remove(variable.ToUpperInvariant());
        }

        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return new DeployedTool(Process.Start(start)!);
    }

    /// <summary>Starts a relay on a free port of 127.0.0.1, or at <paramref name="listen"/>, and waits until it listens.</summary>
    public static Task<DeployedTool> StartRelayAsync(string listen = "127.0.0.1:0", params string[] arguments)
        => ListeningAsync(Start(new Dictionary<string, string>(), ["relay", "--listen", listen, .. arguments]));

    /// <summary>Waits until a relay listens, and sets its <see cref="Address"/>.</summary>
    public static async Task<DeployedTool> ListeningAsync(DeployedTool relay)
    {
        const string Mark = "listening on ";
        string? line;
        while ((line = relay.Output.Split('\n').FirstOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal))) is null)
        {
            if (relay.HasExited)
                Assert.Fail("The relay ended at once: " + relay.Output);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        relay.Address = new Uri(line[Mark.Length..].Trim());
        return relay;
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal(SignalTerminate);

    /// <summary>SIGKILL: nothing of the process runs any more, and the kernel closes its sockets.</summary>
    public void Kill() => Signal(SignalKill);

    /// <summary>Waits for its end and returns its exit status.</summary>
    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.Append(line.Data).Append('\n');
    }
}
