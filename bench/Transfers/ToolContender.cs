using System.Diagnostics;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Bench.Transfers;

/// <summary>The tool as built: relay, sender and receiver, each a process.</summary>
/// <param name="name">In the table.</param>
/// <param name="send">Further options of the sender.</param>
/// <param name="tls">Through <c>wss</c> with a certificate made for the run.</param>
/// <param name="plain">Without encryption of the payload.</param>
/// <param name="link">What the sender's connections go through.</param>
internal sealed class ToolContender(string name, string send = "", bool tls = false, bool plain = false, FaultPlan? link = null) : Contender(name)
{
    private const string Code = "bench1-correct-horse-battery";

    public static string Tool { get; } = Path.GetFullPath(Environment.GetEnvironmentVariable("P2PCOPY_BENCH_TOOL")
        ?? Path.Combine(AppContext.BaseDirectory, "../../P2PCopy.Tool/release/p2pcopy"));

    public override async Task<Measurement> RunAsync(string source, string destination, string scratch)
    {
        using TestCertificates? certificates = tls ? new TestCertificates() : null;
        string[] both = [.. certificates is null ? (string[])[] : ["--ca-file", certificates.CertificateFile], .. plain ? (string[])["--encryption", "off"] : []];
        string[] serve = certificates is null ? [] : ["--certificate", certificates.CertificateFile, "--key", certificates.KeyFile];
        using var relay = new TimedProcess("relay", scratch, [Tool, "relay", "--listen", "127.0.0.1:0", "--quiet", .. serve]);
        Uri address = new((await relay.FirstLineAsync()).Split(' ')[^1]);
        await using FaultProxy? proxy = link is null ? null : new FaultProxy(address) { Plan = link };

        long start = Stopwatch.GetTimestamp();
        using var receiver = new TimedProcess("receiver", scratch, [Tool, "receive", destination, "--relay", address.ToString(), "--yes", "--quiet", .. both], Code);
        using var sender = new TimedProcess(
            "sender", scratch, [Tool, "send", source, "--relay", (proxy?.Address ?? address).ToString(), "--quiet", .. both, .. send.Split(' ', StringSplitOptions.RemoveEmptyEntries)], Code);
        await Task.WhenAll(sender.EndAsync(), receiver.EndAsync());
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await relay.StopAsync();
        return new Measurement(wall, [sender.Cost(), receiver.Cost(), relay.Cost()]);
    }
}
