using System.Globalization;
using System.Runtime.CompilerServices;

namespace P2PCopy.Relay.Limits;

/// <summary>The number of connections that the system's limit of open files allows.</summary>
internal static class HandleLimit
{
    // For files that are read again, listeners, and libraries that the system loads later.
    private const int Headroom = 24;

    // The runtime keeps two handles for each library that it loads, and ends the process when it has none for the next.
    private const int LaterLibraries = 20;

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
            int headroom = Headroom + (RuntimeFeature.IsDynamicCodeSupported ? 2 * LaterLibraries : 0);
            return int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
                ? Math.Max(0, limit - headroom - Directory.EnumerateFileSystemEntries("/proc/self/fd").Count())
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }
}
