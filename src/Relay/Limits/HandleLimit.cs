using System.Runtime.CompilerServices;
using P2PCopy.Primitives;

namespace P2PCopy.Relay.Limits;

/// <summary>How many connections the system's limit of open files allows.</summary>
internal static class HandleLimit
{
    // For files that are read again, listeners, and libraries that the system loads later.
    private const int Headroom = 24;

    // The runtime keeps two handles for each library that it loads, and ends the process when it has none for the next.
    private const int LaterLibraries = 20;

    /// <summary>The number of connections; null where it is unknown or unlimited.</summary>
    public static int? Connections()
    {
        if (SystemLimit.OpenFiles() is not { } limit)
            return null;
        int headroom = Headroom + (RuntimeFeature.IsDynamicCodeSupported ? 2 * LaterLibraries : 0);
        try
        {
            return Math.Max(0, limit - headroom - Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
