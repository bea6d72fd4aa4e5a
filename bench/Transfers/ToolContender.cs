using System.Diagnostics;
using System.Runtime.InteropServices;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Bench.Transfers;

/// <summary>
/// Relay, sender and receiver, each a process of the tool as it is published, or where that was not made, as <c>dotnet build</c>
/// makes it.
/// </summary>
/// <param name="name">In the table.</param>
/// <param name="send">Further options of the sender.</param>
/// <param name="tls">Through <c>wss</c> with a certificate made for the run.</param>
/// <param name="plain">Without encryption of the payload.</param>
/// <param name="link">What the sender's connections go through.</param>
/// <param name="odd">What one of them goes through instead, which is not the first.</param>
/// <param name="built">The tool of <c>dotnet build</c>, to compare with the published one.</param>
internal sealed class ToolContender(string name, string send = "", bool tls = false, bool plain = false, FaultPlan? link = null, FaultPlan? odd = null, bool built = false) : Contender(name)
{
    private const int OddConnection = 2;
    private const string Code = "bench1-correct-horse-battery";

    private static readonly string Built = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../P2PCopy.Tool/release/p2pcopy"));
    private static readonly string? PublishedTool = Published();

    private readonly string _tool = built ? Built : Tool;

    /// <summary>The program that is measured.</summary>
    public static string Tool { get; } = Path.GetFullPath(Environment.GetEnvironmentVariable("P2PCOPY_BENCH_TOOL") ?? PublishedTool ?? Built);

    /// <summary>The published tool is of an earlier state than what <c>dotnet build</c> made.</summary>
    public static bool IsStale => Tool == PublishedTool && File.GetLastWriteTimeUtc(Tool) < File.GetLastWriteTimeUtc(Built + ".dll");

    public override bool IsAvailable => !built || PublishedTool is not null;

    public override async Task<Measurement> RunAsync(string source, string destination, string scratch)
    {
        using TestCertificates? certificates = tls ? new TestCertificates() : null;
        string[] both = [.. certificates is null ? (string[])[] : ["--ca-file", certificates.CertificateFile], .. plain ? (string[])["--encryption", "off"] : []];
        string[] serve = certificates is null ? [] : ["--certificate", certificates.CertificateFile, "--key", certificates.KeyFile];
        using var relay = new TimedProcess("relay", scratch, [_tool, "relay", "--listen", "127.0.0.1:0", "--quiet", .. serve]);
        Uri address = new((await relay.FirstLineAsync()).Split(' ')[^1]);
        await using FaultProxy? proxy = link is null ? null : new FaultProxy(address) { PlanFor = number => number == OddConnection ? odd ?? link : link };

        long start = Stopwatch.GetTimestamp();
        using var receiver = new TimedProcess("receiver", scratch, [_tool, "receive", destination, "--relay", address.ToString(), "--yes", "--quiet", .. both], Code);
        using var sender = new TimedProcess(
            "sender", scratch, [_tool, "send", source, "--relay", (proxy?.Address ?? address).ToString(), "--quiet", .. both, .. send.Split(' ', StringSplitOptions.RemoveEmptyEntries)], Code);
        await Task.WhenAll(sender.EndAsync(), receiver.EndAsync());
        double wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await relay.StopAsync();
        return new Measurement(wall, [sender.Cost(), receiver.Cost(), relay.Cost()]);
    }

    private static string? Published()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "../../../package");
        return Directory.Exists(folder)
            ? Directory.GetFiles(folder, $"p2pcopy-*-{RuntimeInformation.RuntimeIdentifier}").Select(Path.GetFullPath).MaxBy(File.GetLastWriteTimeUtc)
            : null;
    }
}
