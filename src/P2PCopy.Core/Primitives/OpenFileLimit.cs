using System.Globalization;

namespace P2PCopy.Primitives;

/// <summary>The system's limit of open files for this process.</summary>
internal static class OpenFileLimit
{
    /// <summary>The limit; null where it is unknown or there is none.</summary>
    public static int? Read()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            // "Max open files", the soft limit, the hard limit.
            string[] words = File.ReadLines("/proc/self/limits")
                .First(l => l.StartsWith("Max open files", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? limit : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }
}
