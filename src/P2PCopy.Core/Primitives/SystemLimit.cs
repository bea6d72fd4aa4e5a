using System.Globalization;

namespace P2PCopy.Primitives;

/// <summary>The system's limits for this process, as <c>ulimit</c> shows them.</summary>
internal static class SystemLimit
{
    /// <summary>Files that may be open; null where it is unknown or there is no limit.</summary>
    public static int? OpenFiles() => Read("Max open files") is { } limit ? (int)Math.Min(limit, int.MaxValue) : null;

    /// <summary>Bytes of address space; null where it is unknown or there is no limit.</summary>
    public static long? AddressSpace() => Read("Max address space");

    private static long? Read(string name)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            // The name, the soft limit, the hard limit.
            string line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith(name, StringComparison.Ordinal));
            string soft = line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }
}
