using System.IO.Pipelines;
using System.Text.RegularExpressions;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Deployment;

/// <summary>
/// Proxies that cut what is silent for 60 s. Here a minute is three seconds: in the proxy's configuration, and by a clock
/// twenty times as fast for the clients.
/// </summary>
public partial class IdleCutTests
{
    private const int Faster = 20;
    private const string Cut = "3s";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Most of the time is waiting: both engines can have the same.
    [Fact]
    public Task A_waiting_client_is_paired_after_more_than_three_cuts_and_one_that_does_not_join_again_is_cut()
        => Task.WhenAll(WaitAsync("nginx"), WaitAsync("haproxy"));

    [Fact]
    public Task Heartbeats_keep_a_pair_that_has_nothing_to_send_through_three_cuts()
        => Task.WhenAll(HeartbeatsAsync("nginx"), HeartbeatsAsync("haproxy"));

    private static async Task WaitAsync(string engine)
    {
        using var certificates = new TestCertificates();
        await using RelayServer relay = await StartRelayAsync();
        int port = Daemon.FreePort();
        await using Daemon daemon = await StartAsync(engine, port, certificates, relay);
        var options = new RelayConnectorOptions { Relays = [new Uri($"wss://localhost:{port}")], CaFile = certificates.CertificateFile, ProbeInterval = TimeSpan.FromDays(1) };

        // The proof that the proxy cuts: this client never joins again by itself, and still receives a second hint.
        int times = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<IMessageChannel> idle = new RelayConnector(options with { RejoinInterval = TimeSpan.FromDays(1) })
            .JoinAsync(new RoomJoin("idleidleidleidleidle00", PeerRole.Send, TestRelay.Member(3), () => Interlocked.Increment(ref times)), stop.Token);

        // 45 s, as in every client, by the fast clock.
        var connector = new RelayConnector(options with { TimeProvider = new FastTimeProvider(Faster), ConnectionTimeout = TimeSpan.FromSeconds(15 * Faster) });
        int renewals = 0;
        Task<IMessageChannel> waiting = connector.JoinAsync(new RoomJoin(TestRelay.Room, PeerRole.Send, TestRelay.Member(1), () => Interlocked.Increment(ref renewals)), Cancel);
        await TestRelay.Until(() => Volatile.Read(ref times) > 1 && Volatile.Read(ref renewals) > 4);

        await using IMessageChannel receiver = await connector.JoinAsync(new RoomJoin(TestRelay.Room, PeerRole.Receive, TestRelay.Member(2)), Cancel);
        await using IMessageChannel sender = await waiting;
        await sender.SendAsync(new byte[] { 42 }, Cancel);
        Assert.Equal(1, await receiver.ReceiveAsync(new byte[8], Cancel));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => idle);
    }

    private static async Task HeartbeatsAsync(string engine)
    {
        using var certificates = new TestCertificates();
        await using RelayServer relay = await StartRelayAsync();
        int port = Daemon.FreePort();
        await using Daemon daemon = await StartAsync(engine, port, certificates, relay);
        using var pair = new TransferPair();
        var pipe = new Pipe();

        var clock = new FastTimeProvider(Faster);
        var balancer = new Uri($"wss://localhost:{port}");
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(
            new SendOptions
            {
                InputStream = pipe.Reader.AsStream(),
                Name = "slow",
                Code = PairingCode.Parse(TransferPair.Code),
                Relays = [balancer],
                CaFile = certificates.CertificateFile,
                TimeProvider = clock,
                ConnectionTimeout = TimeSpan.FromSeconds(300),
                SilenceTimeout = TimeSpan.FromSeconds(300),
                Connections = 1,
            },
            cancellationToken: Cancel));
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(
            new ReceiveOptions
            {
                Destination = pair.Destination,
                Code = PairingCode.Parse(TransferPair.Code),
                Relays = [balancer],
                CaFile = certificates.CertificateFile,
                TimeProvider = clock,
                ConnectionTimeout = TimeSpan.FromSeconds(300),
                SilenceTimeout = TimeSpan.FromSeconds(300),
            },
            cancellationToken: Cancel));
        await TestRelay.Until(() => relay.Hub.Rooms.Pairs == 1);
        await pipe.Writer.WriteAsync(new byte[1000], Cancel);

        // Nothing but heartbeats for longer than three cuts, by the real clock: that is what the proxy goes by.
        await Task.Delay(TimeSpan.FromSeconds(10), Cancel);
        await pipe.Writer.WriteAsync(new byte[1000], Cancel);
        await pipe.Writer.CompleteAsync();

        Assert.True((await sender).Succeeded);
        Assert.True((await receiver).Succeeded);
        Assert.Equal(2000, new FileInfo(Path.Combine(pair.Destination, "slow")).Length);
        Assert.Contains("\np2pcopy_relay_pairs_total 1\n", relay.Hub.Metrics.Text());
    }

    private static Task<RelayServer> StartRelayAsync()
        => RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"], TrustedProxies = ["127.0.0.1"], MaxJoinsPerMinutePerRoom = 0 }, Cancel);

    private static Task<Daemon> StartAsync(string engine, int port, TestCertificates certificates, RelayServer relay)
        => Balancer.StartAsync(Daemon.Find(engine), port, certificates, ShortenCut, relay.Addresses[0], relay.Addresses[0], relay.Addresses[0]);

    // Only the idle times: in both files they are what is 60 s.
    private static string ShortenCut(string config)
    {
        Assert.InRange(SixtySeconds().Count(config), 2, 3);
        return SixtySeconds().Replace(config, Cut);
    }

    [GeneratedRegex("\\b60s\\b")]
    private static partial Regex SixtySeconds();
}
