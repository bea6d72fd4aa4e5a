using P2PCopy;

// CheckRelay RELAY     tests a relay: reachability, TLS, round-trip time and throughput
internal static class CheckRelay
{
    public static async Task<int> Main(string[] arguments)
    {
        RelayTestReport report = await RelayTest.RunAsync(new RelayTestOptions
        {
            Relay = new Uri(arguments[0]),
            MeasureTime = TimeSpan.FromSeconds(1),
        });

        Console.WriteLine($"{report.Relay}: version {report.Version}, {report.RoundTrip?.TotalMilliseconds:0.0} ms, {report.BytesPerSecond / 1e6:0} MB/s");
        Console.WriteLine($"direct connections: {report.Direct}");
        if (report.Error is { } error)
            Console.Error.WriteLine($"error: {error.Message} [{error.Code}]");
        return report.Error?.Code.ExitStatus() ?? 0;
    }
}
