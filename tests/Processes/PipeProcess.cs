using System.Diagnostics;
using System.Globalization;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Processes;

/// <summary>The built tool with its standard input and output as bytes, as in a pipeline.</summary>
internal sealed class PipeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _error;

    private PipeProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Resident bytes now.</summary>
    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static PipeProcess Start(string code, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "p2pcopy.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["P2PCOPY_CODE"] = code;
        return new PipeProcess(Process.Start(start)!);
    }

    /// <summary>Writes that many bytes to its input, by repeating a pattern, and closes it.</summary>
    public async Task FeedAsync(byte[] pattern, long length)
    {
        for (long done = 0; done < length;)
        {
            int part = (int)Math.Min(pattern.Length, length - done);
            await Input.WriteAsync(pattern.AsMemory(0, part));
            done += part;
        }

        Input.Close();
    }

    /// <summary>Reads its output to the end and compares it with a repeated pattern.</summary>
    /// <returns>How many bytes came before the end, or before the first that is another.</returns>
    public async Task<long> DrainAsync(byte[] pattern, Action<long>? progress = null)
    {
        byte[] buffer = new byte[1 << 20];
        long total = 0;
        while (await Output.ReadAsync(buffer) is > 0 and int read)
        {
            for (int done = 0; done < read;)
            {
                int at = (int)(total % pattern.Length);
                int part = Math.Min(read - done, pattern.Length - at);
                if (!buffer.AsSpan(done, part).SequenceEqual(pattern.AsSpan(at, part)))
                    return total;
                done += part;
                total += part;
            }

            progress?.Invoke(total);
        }

        return total;
    }

    /// <summary>Its exit status and what it said on standard error.</summary>
    public async Task<(int Status, string Error)> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return (_process.ExitCode, await _error);
    }

    public void Kill() => _process.Kill();

    /// <summary>SIGTERM.</summary>
    public void Terminate() => ToolProcess.Signal(_process.Id, 15);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>A number of the summary that <c>--json</c> wrote.</summary>
    public static double Summary(string lines, string name)
    {
        string summary = lines.Split('\n').Last(l => l.StartsWith("{\"event\":\"summary\"", StringComparison.Ordinal));
        int at = summary.IndexOf($"\"{name}\":", StringComparison.Ordinal) + name.Length + 3;
        return double.Parse(summary[at..summary.IndexOfAny([',', '}'], at)], CultureInfo.InvariantCulture);
    }
}
