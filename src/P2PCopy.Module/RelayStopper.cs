using System.Diagnostics;
using System.Globalization;
using P2PCopy.Relay.Hosting;

namespace P2PCopy.Module;

/// <summary>Drains and stops the relays of a process of this machine: with SIGTERM, and with an event on Windows.</summary>
internal static class RelayStopper
{
    private static readonly string[] Programs = ["pwsh", "p2pcopy", "dotnet"];

    /// <exception cref="P2PException">There is no such relay, or it did not end in time.</exception>
    public static void Stop(int processId, TimeSpan timeout)
    {
        if (processId == Environment.ProcessId)
        {
            if (!RelayRun.StopAll(timeout))
                throw Late(processId, timeout);
            return;
        }

        using Process process = Find(processId);
        try
        {
            if (OperatingSystem.IsWindows() ? !StopEvent.TrySet(processId) : !Terminate(processId))
                throw Missing(processId, null);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new P2PException(P2PErrorCode.Failure, $"The relay in process {processId} belongs to another account.", e) { Hint = "Stop it as an administrator." };
        }

        if (!process.WaitForExit(timeout))
            throw Late(processId, timeout);
    }

    private static Process Find(int processId)
    {
        try
        {
            var process = Process.GetProcessById(processId);
            // A number that another program has by now must not end that program.
            if (Programs.Contains(process.ProcessName, StringComparer.OrdinalIgnoreCase))
                return process;
            process.Dispose();
            throw Missing(processId, null);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw Missing(processId, e);
        }
    }

    private static bool Terminate(int processId)
    {
        var start = new ProcessStartInfo("kill", ["-TERM", processId.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true };
        using Process kill = Process.Start(start)!;
        string problem = kill.StandardError.ReadToEnd();
        kill.WaitForExit();
        return kill.ExitCode == 0 || (problem.Contains("permitted", StringComparison.OrdinalIgnoreCase) ? throw new UnauthorizedAccessException(problem) : false);
    }

    private static P2PException Missing(int processId, Exception? cause)
        => new(P2PErrorCode.Failure, $"No relay runs in process {processId}.", cause) { Hint = "Use the ProcessId that Start-P2PRelay wrote, or -Name for a service." };

    private static P2PException Late(int processId, TimeSpan timeout)
        => new(P2PErrorCode.Failure, $"The relay in process {processId} has not ended within {timeout.TotalSeconds:0} s; it drains.") { Hint = "Wait longer with -TimeoutSeconds, or stop the process." };
}
