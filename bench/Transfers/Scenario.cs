using P2PCopy.Tests.Testing;

namespace P2PCopy.Bench.Transfers;

/// <summary>A ratio of the medians of two contenders, and what it should be.</summary>
internal sealed record Ratio(string Of, string To, string Asked);

/// <summary>One data set, moved by several contenders in turn.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Title">In the output.</param>
/// <param name="Data">What is moved.</param>
/// <param name="Contenders">By what.</param>
/// <param name="Ratios">What is compared afterwards.</param>
/// <param name="Limit">Also compares with what the machine must spend.</param>
internal sealed record Scenario(string Name, string Title, DataSet Data, Func<Settings, Contender[]> Contenders, Ratio[] Ratios, bool Limit = false)
{
    private const string Tool = "p2pcopy";
    private const string Built = "p2pcopy, as dotnet build makes it";
    private const string Auto = "p2pcopy, one stream, auto";
    private const string Off = "p2pcopy, one stream, compression off";

    private static readonly FaultPlan Slow = new() { BytesPerSecond = 100_000_000 / 8, QueueBytes = 1 << 20 };
    private static readonly FaultPlan Far = new() { BytesPerSecond = 50_000_000 / 8, Latency = TimeSpan.FromMilliseconds(50), QueueBytes = 1 << 20 };
    private static readonly FaultPlan FarSlower = Far with { BytesPerSecond = Far.BytesPerSecond / 10 };

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("random", "random bytes through the relay, and the limit of the machine", DataSet.Random,
            s =>
            [
                new SocatRelay(), new ToolContender(Tool), new ToolContender("p2pcopy, wss", tls: true),
                new ToolContender(Built, built: true), new ToolContender("p2pcopy, wss, as dotnet build makes it", tls: true, built: true), OverSsh.Scp, OverSsh.ScpTuned,
            ],
            [new(Tool, OverSsh.ScpTuned.Name, "≤ 1")], Limit: true),
        new("modes", "random bytes in every mode", DataSet.Random,
            s =>
            [
                new ToolContender(Tool), new ToolContender("p2pcopy, compression off", "--compression off"),
                new ToolContender("p2pcopy, encryption off", plain: true), new ToolContender("p2pcopy, hash off", "--hash off"),
                new ToolContender("p2pcopy, wss", tls: true), new ToolContender("p2pcopy, wss, encryption off", tls: true, plain: true),
                new ToolContender("p2pcopy, compression on", "--compression on"),
            ],
            [new(Tool, "p2pcopy, compression off", "0.95–1.05")]),
        new("others", "random bytes with other tools", DataSet.Random,
            s => [new ToolContender(Tool), new Iperf(s.MiB), OverSsh.Rsync, new Wormhole(relayed: true), new Wormhole(relayed: false), new Croc()], []),
        new("chunks", "random bytes by chunk size and number of streams", DataSet.Random,
            s =>
            [
                new ToolContender("p2pcopy, chunks of 512 KiB", "--chunk-size 512KiB"), new ToolContender(Tool),
                new ToolContender("p2pcopy, chunks of 2 MiB", "--chunk-size 2MiB"), new ToolContender("p2pcopy, chunks of 4 MiB", "--chunk-size 4MiB"),
                new ToolContender("p2pcopy, 4 streams", "--connections 4"),
            ],
            []),
        new("text", "log-like text on loopback", DataSet.Text,
            s => [new ToolContender(Tool), new ToolContender("p2pcopy, compression off", "--compression off"), OverSsh.Scp, OverSsh.ScpTuned, OverSsh.RsyncCompressed],
            [new(Tool, OverSsh.ScpTuned.Name, "≤ 0.85"), new(Tool, "p2pcopy, compression off", "≤ 1.1")]),
        new("mixed", "text, random bytes and 2,000 small files in one folder", DataSet.Mixed,
            s => [new ToolContender(Tool), new ToolContender("p2pcopy, compression off", "--compression off"), new TarPipe(), OverSsh.Scp, OverSsh.RsyncCompressed], []),
        new("small", "10,000 files of 1 to 16 KiB in 100 folders", DataSet.Small,
            s => [new ToolContender(Tool), new ToolContender(Built, built: true), new TarPipe(), OverSsh.RsyncCompressed, OverSsh.Rsync, OverSsh.Scp],
            [new(Tool, "tar | socat | tar", "≤ 3"), new(Tool, OverSsh.RsyncCompressed.Name, "< 1")]),
        new("tiny", "one tiny file, relay up", DataSet.Tiny,
            s => [new ToolContender(Tool), new ToolContender(Built, built: true), new EmptyProcesses(), OverSsh.Scp], [new(Tool, "two empty ReadyToRun processes", "≤ 3, with 0.05 s more")]),
        new("slow-text", "text behind 100 Mbit/s", DataSet.TextForLink,
            s => [new ToolContender(Auto, "--connections 1", link: Slow), new ToolContender(Off, "--connections 1 --compression off", link: Slow)],
            [new(Off, Auto, "≥ 3")]),
        new("slow-random", "random bytes behind 100 Mbit/s", DataSet.RandomForLink,
            s => [new ToolContender(Auto, "--connections 1", link: Slow), new ToolContender(Off, "--connections 1 --compression off", link: Slow)],
            [new(Auto, Off, "0.95–1.05")]),
        new("slow-tar", "8 MiB of text and of random bytes in turn, behind 100 Mbit/s", DataSet.Alternating,
            s => [new ToolContender(Auto, "--connections 1", link: Slow), new ToolContender(Off, "--connections 1 --compression off", link: Slow)],
            [new(Auto, Off, "about 0.6")]),
        new("tar", "8 MiB of text and of random bytes in turn, on loopback", DataSet.Alternating,
            s => [new ToolContender(Auto, "--connections 1"), new ToolContender(Off, "--connections 1 --compression off")],
            [new(Auto, Off, "≤ 1.1")]),
        new("far", "random bytes, 100 ms there and back, 50 Mbit/s for each connection", DataSet.RandomForLinks,
            s =>
            [
                new ToolContender("p2pcopy, 1 stream", "--connections 1", link: Far), new ToolContender("p2pcopy, 4 streams", "--connections 4", link: Far),
                new ToolContender("p2pcopy, streams auto", "", link: Far),
            ],
            [new("p2pcopy, 1 stream", "p2pcopy, 4 streams", "≥ 3.4")]),
        new("uneven", "random bytes, the same line, and one of four connections has a tenth of the others' speed", DataSet.RandomForLinks,
            s =>
            [
                new ToolContender("p2pcopy, 3 streams", "--connections 3", link: Far), new ToolContender("p2pcopy, 4 streams", "--connections 4", link: Far),
                new ToolContender("p2pcopy, 4 streams, one slow", "--connections 4", link: Far, odd: FarSlower),
            ],
            [new("p2pcopy, 4 streams, one slow", "p2pcopy, 3 streams", "≤ 1.5")]),
        new("long", "20 times the size, sparse: memory stays as it is", DataSet.Sparse, s => [new ToolContender(Tool)], []),
    ];
}
