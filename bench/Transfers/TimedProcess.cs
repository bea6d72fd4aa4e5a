using System.Diagnostics;
using System.Globalization;

namespace P2PCopy.Bench.Transfers;

/// <summary>What a process, with those it waited for, has used.</summary>
/// <param name="Role">What it did.</param>
/// <param name="CpuSeconds">User and system time.</param>
/// <param name="PeakMiB">The largest of its processes, resident.</param>
internal sealed record ProcessCost(string Role, double CpuSeconds, double PeakMiB);

/// <summary>A process under GNU time, which says what it has used.</summary>
internal sealed class TimedProcess : IDisposable
{
    private readonly string _role;
    private readonly string _usage;
    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly Task<string?> _firstLine;
    private readonly Task _rest;

    public TimedProcess(string role, string folder, IEnumerable<string> command, string? code = null)
    {
        _role = role;
        _usage = Path.Combine(folder, $"usage-{Guid.NewGuid():N}");
        var start = new ProcessStartInfo("/usr/bin/time", ["-q", "-o", _usage, "-f", "%U %S %M", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("P2PCOPY_RELAY");
        start.Environment["P2PCOPY_DIRECT"] = "off"; // the way through the relay is measured
        start.Environment["P2PCOPY_DISCOVERY"] = "off";
        if (code is not null)
            start.Environment["P2PCOPY_CODE"] = code;
        _process = Process.Start(start)!;
        _error = _process.StandardError.ReadToEndAsync();
        _firstLine = _process.StandardOutput.ReadLineAsync();
        _rest = DrainAsync();
    }

    /// <summary>The first line on standard output.</summary>
    public async Task<string> FirstLineAsync()
        => await _firstLine.WaitAsync(TimeSpan.FromSeconds(20)) ?? throw new InvalidOperationException($"{_role} said nothing. {await _error}");

    /// <summary>Waits for its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task EndAsync()
    {
        await _process.WaitForExitAsync();
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"{_role} ended with {_process.ExitCode}. {await _error}");
    }

    /// <summary>Asks it to end, as a service is stopped, and waits.</summary>
    public async Task StopAsync()
    {
        foreach (string child in ChildrenOf(_process.Id))
            Process.Start("kill", ["-TERM", child]).WaitForExit();
        await _process.WaitForExitAsync();
    }

    /// <summary>What it used; after its end.</summary>
    public ProcessCost Cost()
    {
        string[] usage = File.ReadAllLines(_usage)[^1].Split(' ');
        double Number(int i) => double.Parse(usage[i], CultureInfo.InvariantCulture);
        return new ProcessCost(_role, Number(0) + Number(1), Number(2) / 1024);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task DrainAsync()
    {
        await _firstLine;
        await _process.StandardOutput.ReadToEndAsync();
    }

    private static string[] ChildrenOf(int process)
    {
        string path = $"/proc/{process}/task/{process}/children";
        return File.Exists(path) ? File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
    }
}
