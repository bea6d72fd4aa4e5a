using System.Globalization;

namespace P2PCopy.Relay.Limits;

/// <summary>How many connections the system's limit of open files allows.</summary>
internal static class HandleLimit
{
    // For libraries that the runtime loads later, files that are read again, and listeners. Without any handle the runtime ends.
    private const int Headroom = 24;

    /// <summary>The number of connections; null where it is unknown or unlimited.</summary>
    public static int? Connections()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            // "Max open files", the soft limit, the hard limit.
            string[] words = File.ReadLines("/proc/self/limits")
                .First(l => l.StartsWith("Max open files", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
                ? Math.Max(0, limit - Headroom - Directory.EnumerateFileSystemEntries("/proc/self/fd").Count())
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }
}
