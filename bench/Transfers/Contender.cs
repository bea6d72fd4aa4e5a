using System.Diagnostics;

namespace P2PCopy.Bench.Transfers;

/// <summary>One run of a contender.</summary>
/// <param name="WallSeconds">From the start of both ends to the end of both.</param>
/// <param name="Costs">Of each process.</param>
internal sealed record Measurement(double WallSeconds, IReadOnlyList<ProcessCost> Costs)
{
    public double CpuSeconds => Costs.Sum(c => c.CpuSeconds);
}

/// <summary>A way to move a data set from one folder to another.</summary>
internal abstract class Contender(string name)
{
    public string Name => name;

    /// <summary>Whether what it needs is installed.</summary>
    public virtual bool IsAvailable => true;

    /// <summary>Whether a copy is there to be compared.</summary>
    public virtual bool Copies => true;

    /// <summary>Transfers once, into <paramref name="destination"/>.</summary>
    public abstract Task<Measurement> RunAsync(string source, string destination, string scratch);

    protected static bool Has(params ReadOnlySpan<string> programs)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':'), "/usr/sbin"];
        foreach (string program in programs)
        {
            if (!folders.Any(f => File.Exists(Path.Combine(f, program))))
                return false;
        }

        return true;
    }

    /// <summary>Runs a line of shell and what it waits for, as one process.</summary>
    protected static async Task<Measurement> ShellAsync(string line, string scratch)
    {
        long start = Stopwatch.GetTimestamp();
        using var shell = new TimedProcess("all", scratch, ["sh", "-c", line]);
        await shell.EndAsync();
        return new Measurement(Stopwatch.GetElapsedTime(start).TotalSeconds, [shell.Cost()]);
    }

    protected static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until a server accepts on this port, five seconds at most.</summary>
    protected static async Task WaitForAsync(int port)
    {
        for (int i = 0; i < 250; i++)
        {
            using var client = new System.Net.Sockets.TcpClient();
            try
            {
                await client.ConnectAsync(System.Net.IPAddress.Loopback, port);
                return;
            }
            catch (System.Net.Sockets.SocketException)
            {
                await Task.Delay(20);
            }
        }
    }
}
