using System.Diagnostics;
using System.Globalization;

namespace P2PCopy.Bench.Transfers;

/// <summary>
/// What this machine must spend on a transfer at least: each byte digested twice and sealed and opened once (openssl's
/// figures), and moved through a relay (socat's).
/// </summary>
internal sealed class MachineLimit
{
    private readonly List<double> _digest = [];
    private readonly List<double> _seal = [];

    /// <summary>Measures once.</summary>
    public void Measure()
    {
        _digest.Add(Speed("sha256"));
        _seal.Add(Speed("aes-256-gcm"));
    }

    /// <summary>CPU seconds, with <paramref name="moving"/> those of the plain relay.</summary>
    public double CpuSeconds(long bytes, double moving) => (2 * bytes / Median.Of(_digest)) + SealSeconds(bytes, 2) + moving;

    /// <summary>CPU seconds of passes of AES-GCM.</summary>
    public double SealSeconds(long bytes, int passes) => passes * bytes / Median.Of(_seal);

    /// <summary>Bytes a second of one core: openssl's last column, in thousands.</summary>
    private static double Speed(string algorithm)
    {
        using Process process = Process.Start(new ProcessStartInfo("openssl", ["speed", "-seconds", "1", "-bytes", "16384", "-evp", algorithm])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ = process.StandardError.ReadToEndAsync();
        string last = process.StandardOutput.ReadToEnd().TrimEnd().Split('\n')[^1];
        return double.Parse(last.Split(' ')[^1].TrimEnd('k'), CultureInfo.InvariantCulture) * 1000;
    }
}
