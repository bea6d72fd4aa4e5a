using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace P2PCopy.Tests.Testing;

/// <summary>The built tool as a process of its own: what it says line by line, signals, and its end.</summary>
internal sealed partial class ToolProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string Tool = Path.Combine(AppContext.BaseDirectory, "p2pcopy.dll");

    private readonly Lock _lock = new();
    private readonly Process _process;
    private readonly string _arguments;
    private readonly List<string> _out = [];
    private readonly List<string> _error = [];
    private readonly Task _read;
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ToolProcess(ProcessStartInfo start)
    {
        _arguments = string.Join(' ', start.ArgumentList.SkipWhile(a => a != Tool).Skip(1));
        _process = Process.Start(start)!;
        _read = Task.WhenAll(ReadAsync(_process.StandardOutput, _out), ReadAsync(_process.StandardError, _error));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<string> Out => Copy(_out);

    public IReadOnlyList<string> Error => Copy(_error);

    /// <summary>The lines of <c>--json</c>.</summary>
    public IReadOnlyList<JsonElement> Events => [.. Out.Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement)];

    /// <summary>Everything it said, for the message of a test that failed.</summary>
    public string Said => $"p2pcopy {_arguments}\n{string.Join('\n', Out.TakeLast(30))}\n{string.Join('\n', Error.TakeLast(30))}";

    /// <summary>Starts the tool. Nothing is inherited from the environment that would change what it does.</summary>
    public static ToolProcess Start(string? code, params IEnumerable<string> arguments) => Start(code, null, arguments);

    /// <inheritdoc cref="Start(string?, IEnumerable{string})"/>
    public static ToolProcess Start(string? code, string? folder, IEnumerable<string> arguments)
        => Start([.. AsUsual(), .. Command(arguments)], code, folder);

    /// <summary>Starts it in a network namespace, where it may connect directly and look for the other side.</summary>
    public static ToolProcess StartIn(
        string networkNamespace, DirectMode direct, string? code, IEnumerable<string> arguments, DiscoveryMode discovery = DiscoveryMode.Off)
        => Start(
            [.. AsUsual(), "ip", "netns", "exec", networkNamespace, "env", $"{NetworkPolicy.Direct}={direct}", $"{NetworkPolicy.Discovery}={discovery}", .. Command(arguments)],
            code, null);

    /// <summary>Starts it as <c>nohup</c> does, with SIGHUP ignored.</summary>
    public static ToolProcess StartWithNohup(string? code, params IEnumerable<string> arguments)
        => Start([.. AsUsual(), "nohup", .. Command(arguments)], code, null);

    /// <summary>
    /// Starts it where libzstd cannot be loaded: the folder, which comes first on the path of the loader, holds empty files
    /// of its names.
    /// </summary>
    public static ToolProcess StartWithoutLibzstd(string code, string folder, params IEnumerable<string> arguments)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in (string[])["libzstd.so.1", "libzstd.so"])
            File.WriteAllBytes(Path.Combine(folder, name), []);
        return Start([.. AsUsual(), "env", "LD_LIBRARY_PATH=" + folder, .. Command(arguments)], code, null);
    }

    /// <summary>Starts it under a limit of the shell's <c>ulimit</c>, with variables of the environment.</summary>
    public static ToolProcess StartLimited(string code, string limit, string[] variables, params IEnumerable<string> arguments)
        => Start([.. AsUsual(), "env", .. variables, "sh", "-c", $"ulimit {limit}; exec \"$@\"", "sh", .. Command(arguments)], code, null);

    /// <summary>Starts it on a terminal of its own, which is closed when this process is killed.</summary>
    public static ToolProcess StartOnTerminal(string? code, params IEnumerable<string> arguments)
        => Start([.. AsUsual(), "script", "-qefc", "exec " + string.Join(' ', Command(arguments).Select(a => $"'{a}'")), "/dev/null"], code, null);

    /// <summary>Starts it as a user without rights; root only.</summary>
    public static ToolProcess StartAsNobody(params IEnumerable<string> arguments)
        => Start([.. AsUsual(), .. AsNobody, .. Command(arguments)], null, null);

    /// <summary>A command that runs another one as that user.</summary>
    public static string[] AsNobody { get; } = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    /// <summary>A relay that accepts, and its address.</summary>
    public static async Task<(ToolProcess Relay, Uri Address)> StartRelayAsync(int port = 0, params IEnumerable<string> arguments)
    {
        ToolProcess relay = Start(null, ["relay", "--listen", $"127.0.0.1:{port}", .. arguments]);
        const string Prefix = "listening on ";
        string line = await relay.WaitForLineAsync(l => l.StartsWith(Prefix, StringComparison.Ordinal));
        return (relay, new Uri(line[Prefix.Length..]));
    }

    /// <summary>The first line on standard output or error that is looked for, as soon as it is there.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> isIt)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task change;
            bool ended = _read.IsCompleted;
            lock (_lock)
            {
                if (_out.Concat(_error).FirstOrDefault(isIt) is { } found)
                    return found;
                change = _change.Task;
            }

            Assert.False(ended, "It ended without saying what was waited for.\n" + Said);
            try
            {
                await Task.WhenAny(change, _read).WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail("It did not say what was waited for.\n" + Said);
            }
        }
    }

    /// <summary>The first event of this name.</summary>
    public Task WaitForEventAsync(string name) => WaitForLineAsync(l => IsEvent(l, name));

    /// <summary>Whether there was an event of this name.</summary>
    public bool HasSaid(string name) => Out.Any(l => IsEvent(l, name));

    /// <summary>Its exit status, with everything it said read.</summary>
    public async Task<int> WaitAsync(TimeSpan? patience = null)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience ?? Patience);
            await _read.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail("It did not end in time.\n" + Said);
        }

        return _process.ExitCode;
    }

    /// <summary>SIGKILL: nothing of it gets to do anything any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGINT, as Ctrl+C sends it.</summary>
    public void Interrupt() => Signal(2);

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal(15);

    /// <summary>SIGHUP, as a terminal that is closed sends it.</summary>
    public void HangUp() => Signal(1);

    /// <summary>SIGSTOP and SIGCONT: a process that lives and does nothing.</summary>
    public void Pause() => Signal(19);

    public void Continue() => Signal(18);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        await _read.WaitAsync(Patience);
        _process.Dispose();
    }

    /// <summary>Sends a signal to a process.</summary>
    public static void Signal(int process, int number) => Assert.Equal(0, SendSignal(process, number));

    private static bool IsEvent(string line, string name) => line.StartsWith($"{{\"event\":\"{name}\"", StringComparison.Ordinal);

    private static ToolProcess Start(string[] command, string? code, string? folder)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("P2PCOPY_", StringComparison.Ordinal) || k.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment[NetworkPolicy.Direct] = "Off";
        start.Environment[NetworkPolicy.Discovery] = "Off";
        if (code is not null)
            start.Environment["P2PCOPY_CODE"] = code;
        start.Environment["P2PCOPY_CONFIG"] = "none";
        start.Environment["P2PCOPY_HISTORY"] = "off";
        start.Environment["DOTNET_TieredPGO"] = "0"; // starts a little sooner
        return new ToolProcess(start);
    }

    private static string[] Command(IEnumerable<string> arguments)
    {
        string host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        return [host, Tool, .. arguments];
    }

    /// <summary>
    /// What goes before a command: tests that a script runs in the background ignore SIGINT, those under nohup SIGHUP, and
    /// so would what they start.
    /// </summary>
    private static string[] AsUsual()
    {
        const ulong HangUpAndInterrupt = 0b11;
        const string Ignored = "SigIgn:";
        return OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Ignored, StringComparison.Ordinal)) is { } line
            && (ulong.Parse(line.AsSpan(Ignored.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & HangUpAndInterrupt) != 0
            ? ["env", "--default-signal=INT,HUP"]
            : [];
    }

    private void Signal(int number)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals here.");
        if (!_process.HasExited)
            Signal(_process.Id, number);
    }

    private async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            TaskCompletionSource change;
            lock (_lock)
            {
                lines.Add(line);
                change = _change;
                _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            change.TrySetResult();
        }
    }

    private List<string> Copy(List<string> lines)
    {
        lock (_lock)
            return [.. lines];
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
