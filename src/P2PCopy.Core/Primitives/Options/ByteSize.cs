using System.Globalization;

#if CMDLETS
namespace P2PCopy.Cmdlets.Shared;
#else
namespace P2PCopy.Primitives.Options;
#endif

/// <summary>Reads sizes and rates with units.</summary>
internal static class ByteSize
{
    // A single letter is a binary unit, as in rsync, dd and ls: 10M is 10 × 1048576. With a B it is a decimal unit (SI).
    private static readonly (string Suffix, double Factor)[] Units =
    [
        ("kib", 1L << 10), ("mib", 1L << 20), ("gib", 1L << 30), ("tib", 1L << 40),
        ("kbit", 1e3 / 8), ("mbit", 1e6 / 8), ("gbit", 1e9 / 8),
        ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12),
        ("k", 1L << 10), ("m", 1L << 20), ("g", 1L << 30), ("t", 1L << 40),
        ("b", 1), (string.Empty, 1),
    ];

    /// <summary>
    /// Reads <c>1048576</c>, <c>512KiB</c>, <c>4MiB</c>, <c>10M</c>, <c>1G</c>, <c>50MB</c>, <c>50Mbit</c>, with an
    /// optional <c>/s</c> at the end.
    /// </summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        string rest = text.Trim().ToLowerInvariant();
        if (rest.EndsWith("/s", StringComparison.Ordinal))
            rest = rest[..^2];

        foreach ((string suffix, double factor) in Units)
        {
            if (!rest.EndsWith(suffix, StringComparison.Ordinal))
                continue;

            string number = rest[..^suffix.Length].TrimEnd();
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
                return false;

            double exact = value * factor;
            if (exact > 1e18)
                return false;

            bytes = (long)exact;
            return true;
        }

        return false;
    }
}
