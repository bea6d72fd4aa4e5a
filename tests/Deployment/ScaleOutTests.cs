using System.Globalization;
using System.Text.RegularExpressions;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Deployment;

/// <summary>
/// Three relay processes behind a real HAProxy act as one while one is killed (SIGKILL) and one drains (SIGTERM).
/// <c>P2PCOPY_SCALE_PAIRS=200</c> makes it large and adds a relay in the middle: two ends which that puts apart meet when
/// the waiting one joins again, within 54 s.
/// </summary>
public partial class ScaleOutTests
{
    private const int FileBytes = 1_500_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static bool IsLong => Environment.GetEnvironmentVariable("P2PCOPY_SCALE_PAIRS") is { Length: > 0 };

    private static int Pairs => int.TryParse(Environment.GetEnvironmentVariable("P2PCOPY_SCALE_PAIRS"), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 8;

    [Fact]
    public async Task Every_transfer_completes_while_one_relay_is_killed_one_drained_and_in_the_long_version_one_added()
    {
        string haproxy = Daemon.Find("haproxy");
        using var certificates = new TestCertificates();
        await using DeployedTool killed = await StartAsync("127.0.0.1:0");
        await using DeployedTool drained = await StartAsync("127.0.0.1:0");
        await using DeployedTool stays = await StartAsync("127.0.0.1:0");
        int port = Daemon.FreePort();
        await using Daemon daemon = await Balancer.StartAsync(haproxy, port, certificates, killed.Address, drained.Address, stays.Address);
        var balancer = new Uri($"wss://localhost:{port}");
        using var pair = new TransferPair();

        // Half of them are in the middle when it happens; of the others one side waits for a peer that comes later.
        Task<Outcome>[] senders = [.. Enumerable.Range(0, Pairs).Select(i => SendAsync(pair, balancer, certificates, i))];
        Task<Outcome>[] receivers = [.. Enumerable.Range(0, Pairs / 2).Select(i => ReceiveAsync(pair, balancer, certificates, i))];
        using var http = new HttpClient();
        while (await PairsAsync(http, killed) + await PairsAsync(http, drained) + await PairsAsync(http, stays) < Math.Max(1, Pairs / 4))
            await Task.Delay(20, Cancel);

        killed.Kill();
        await killed.WaitAsync();
        drained.Terminate();
        await using DeployedTool? added = IsLong ? await StartAsync(killed.Address.Authority) : null;
        receivers = [.. receivers, .. Enumerable.Range(Pairs / 2, Pairs - (Pairs / 2)).Select(i => ReceiveAsync(pair, balancer, certificates, i))];

        Outcome[] outcomes = await Task.WhenAll([.. senders, .. receivers]);
        Assert.Equal(0, await drained.WaitAsync());
        Assert.All(outcomes, o => Assert.True(o.Succeeded, $"{o.Error}: {o.Exception?.Message ?? o.Report?.Error?.Message}"));
        for (int i = 0; i < Pairs; i++)
        {
            byte[] arrived = await File.ReadAllBytesAsync(pair.Folder[$"destination/{i}/file{i}"], Cancel);
            Assert.True(arrived.AsSpan().SequenceEqual(Content(i)), $"File {i} differs.");
        }
    }

    // Slow enough that transfers are in the middle when relays go; all clients have one address here.
    private static Task<DeployedTool> StartAsync(string listen) => DeployedTool.StartRelayAsync(
        listen, "--trusted-proxies", "127.0.0.1", "--max-rate-per-session", "1000000", "--drain-timeout", "1", "--max-joins-per-minute-per-address", "0", "--quiet");

    private static async Task<int> PairsAsync(HttpClient http, DeployedTool relay)
    {
        string metrics = await http.GetStringAsync(new Uri($"http://{relay.Address.Authority}/metrics"), Cancel);
        return int.Parse(PairsLine().Match(metrics).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^p2pcopy_relay_pairs ([0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex PairsLine();

    private static byte[] Content(int number)
    {
        byte[] content = new byte[FileBytes];
        new Random(number).NextBytes(content);
        return content;
    }

    private static string CodeOf(int number) => string.Create(CultureInfo.InvariantCulture, $"scale{number:D3}-correct-horse-battery");

    private static Task<Outcome> SendAsync(TransferPair pair, Uri relay, TestCertificates certificates, int number)
        => Outcome.OfAsync(P2PTransfer.SendAsync(
            new SendOptions
            {
                Paths = [pair.Write($"source/file{number}", Content(number))],
                Code = PairingCode.Parse(CodeOf(number)),
                Relays = [relay],
                CaFile = certificates.CertificateFile,
                RetryTimeout = TimeSpan.FromSeconds(IsLong ? 180 : 60),
                Connections = 1,
            },
            cancellationToken: Cancel),
            seconds: IsLong ? 240 : 60);

    private static Task<Outcome> ReceiveAsync(TransferPair pair, Uri relay, TestCertificates certificates, int number)
        => Outcome.OfAsync(P2PTransfer.ReceiveAsync(
            new ReceiveOptions
            {
                Destination = pair.Folder[$"destination/{number}"],
                Code = PairingCode.Parse(CodeOf(number)),
                Relays = [relay],
                CaFile = certificates.CertificateFile,
                RetryTimeout = TimeSpan.FromSeconds(IsLong ? 180 : 60),
            },
            cancellationToken: Cancel),
            seconds: IsLong ? 240 : 60);
}
