using System.Net;
using System.Net.WebSockets;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;
using P2PCopy.Tests.Unit.Transport;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Deployment;

/// <summary>Clients that get out only through an HTTP proxy: a real tinyproxy.</summary>
public class ConnectProxyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_transfer_goes_through_a_CONNECT_proxy(bool secure, bool authenticate)
    {
        using TestCertificates? certificates = secure ? new TestCertificates() : null;
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = certificates?.CertificateFile, Key = certificates?.KeyFile });
        int port = Daemon.FreePort();
        await using Daemon proxy = await StartAsync(port, authenticate);
        var connector = new RelayConnector(new RelayConnectorOptions
        {
            Relays = [relay.Address],
            CaFile = certificates?.CertificateFile,
            Proxy = new Uri($"http://127.0.0.1:{port}"),
            ProxyCredential = authenticate ? new NetworkCredential("alice", "s3cret") : null,
        });

        Task<IMessageChannel> joining = connector.JoinAsync(new RoomJoin(TestRelay.Room, PeerRole.Send, TestRelay.Member(1)), Cancel);
        await using IMessageChannel receiver = await connector.JoinAsync(new RoomJoin(TestRelay.Room, PeerRole.Receive, TestRelay.Member(2)), Cancel);
        await using IMessageChannel sender = await joining;
        await sender.SendAsync(new byte[500_000], Cancel);
        Assert.Equal(500_000, await receiver.ReceiveAsync(new byte[500_000], Cancel));
        await TestRelay.Until(() => proxy.Output.Contains($"CONNECT {relay.Address.Authority}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_proxy_that_wants_a_password_or_gets_a_wrong_one_is_named_in_the_error()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        int port = Daemon.FreePort();
        await using Daemon proxy = await StartAsync(port, authenticate: true);
        foreach (NetworkCredential? credential in (NetworkCredential?[])[null, new NetworkCredential("alice", "wrong-password")])
        {
            var connector = new RelayConnector(new RelayConnectorOptions { Relays = [relay.Address], Proxy = new Uri($"http://127.0.0.1:{port}"), ProxyCredential = credential });
            P2PException e = await Assert.ThrowsAsync<P2PException>(() => connector.JoinAsync(new RoomJoin(TestRelay.Room, PeerRole.Send, TestRelay.Member(1)), Cancel));
            Assert.Equal(P2PErrorCode.RelayConnectFailed, e.Code);
            Assert.Contains("ProxyCredential", e.Hint);
            Assert.DoesNotContain("wrong-password", e.ToString());
        }
    }

    [Fact]
    public async Task A_waiting_connection_through_a_proxy_is_probed_and_joins_again_when_the_relay_is_silent()
    {
        await using var relay = new ScriptedRelay();
        int port = Daemon.FreePort();
        await using Daemon proxy = await StartAsync(port, authenticate: false);
        var connector = new RelayConnector(new RelayConnectorOptions
        {
            Relays = [relay.Address],
            Proxy = new Uri($"http://127.0.0.1:{port}"),
            ProbeInterval = TimeSpan.FromMilliseconds(20),
            RejoinInterval = TimeSpan.FromDays(1),
        });
        Task<IMessageChannel> joining = connector.JoinAsync(new RoomJoin(TestRelay.Room, PeerRole.Send, TestRelay.Member(1)), Cancel);
        ScriptedConnection connection = await relay.NextAsync();
        using WebSocket forgotten = await connection.UpgradeAsync("waiting");
        await connection.AnswerPingsAsync(3);

        // From now on without an answer.
        using WebSocket socket = await (await relay.NextAsync()).UpgradeAsync("paired");
        await (await joining).DisposeAsync();
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_not_taken_for_the_relay()
    {
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [new Uri("wss://relay.example")], Proxy = new Uri($"http://127.0.0.1:{Daemon.FreePort()}") });
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => connector.JoinAsync(new RoomJoin(TestRelay.Room, PeerRole.Send, TestRelay.Member(1)), Cancel));
        Assert.Equal(P2PErrorCode.RelayConnectFailed, e.Code);
        Assert.StartsWith("The proxy to the relay wss://relay.example could not be reached", e.Message);
    }

    private static Task<Daemon> StartAsync(int port, bool authenticate)
    {
        string config = $"""
            Port {port}
            Listen 127.0.0.1
            Timeout 600
            LogLevel Connect
            MaxClients 50
            Allow 127.0.0.1
            {(authenticate ? "BasicAuth alice s3cret" : "")}
            """;
        return Daemon.StartAsync(Daemon.Find("tinyproxy"), port, [("tinyproxy.conf", config)], "-d", "-c", "@FOLDER@/tinyproxy.conf");
    }
}
