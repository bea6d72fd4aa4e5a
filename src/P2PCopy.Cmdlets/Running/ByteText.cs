using System.Globalization;

namespace P2PCopy.Cmdlets.Running;

/// <summary>Sizes as people read them.</summary>
internal static class ByteText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    public static string Size(double bytes)
    {
        int unit = 0;
        while (bytes >= 1023.95 && unit < Units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes < 0 ? "?" : bytes.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }
}
