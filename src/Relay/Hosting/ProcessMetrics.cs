using System.Diagnostics;

namespace P2PCopy.Relay.Hosting;

/// <summary>The metrics of the process, under the names that Prometheus clients share. A value that the system does not tell is left out.</summary>
internal static class ProcessMetrics
{
    public static IReadOnlyList<RelayMetric> All { get; } =
    [
        RelayMetric.Counter("process_cpu_seconds_total", "s", "Processor time of the process.", () => Environment.CpuUsage.TotalTime.TotalSeconds),
        RelayMetric.Gauge("process_resident_memory_bytes", "By", "Resident memory of the process.", () => Environment.WorkingSet),
        RelayMetric.Gauge("process_start_time_seconds", "s", "Start of the process, in seconds since 1970.", () => Start),
        new("process_open_fds", "{file}", false, "Open file descriptors.", () => OpenFiles() is { } open ? [(null, open)] : []),
    ];

    private static double Start { get; } = StartOf();

    private static double StartOf()
    {
        using var process = Process.GetCurrentProcess();
        return (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }

    private static double? OpenFiles()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            return Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
