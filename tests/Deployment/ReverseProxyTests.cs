using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Deployment;

/// <summary>The files in <c>deploy/</c> with the real nginx and HAProxy in front of real relays.</summary>
public class ReverseProxyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Both_sides_meet_behind_a_balancer_of_three_relays_with_tls_and_a_prefix(string engine)
    {
        string program = Daemon.Find(engine);
        using var certificates = new TestCertificates();
        await using TestRelay relay1 = await StartAsync();
        await using TestRelay relay2 = await StartAsync();
        await using TestRelay relay3 = await StartAsync();
        int port = Daemon.FreePort();
        await using Daemon daemon = await Balancer.StartAsync(program, port, certificates, relay1.Address, relay2.Address, relay3.Address);

        var used = new HashSet<TestRelay>();
        for (int i = 0; i < 12; i++)
        {
            string room = $"roomroomroomroomroom{i:D2}";
            RelayConnector connector = Connector($"wss://localhost:{port}{(i % 2 == 0 ? "" : "/some/prefix")}", certificates);
            await CopyAsync(connector, room);
            used.UnionWith(((TestRelay[])[relay1, relay2, relay3]).Where(r => r.Server.Hub.Metrics.Text().Contains("pairs_total 0", StringComparison.Ordinal) is false));
        }

        Assert.True(used.Count > 1, $"All rooms went to one relay.\n{daemon.Output}");
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task A_relay_that_is_gone_or_drains_is_passed_over_by_both_sides(string engine)
    {
        string program = Daemon.Find(engine);
        using var certificates = new TestCertificates();
        await using TestRelay gone = await StartAsync();
        await using TestRelay stays = await StartAsync();
        int port = Daemon.FreePort();
        await using Daemon daemon = await Balancer.StartAsync(program, port, certificates, gone.Address, stays.Address, new Uri($"ws://127.0.0.1:{Daemon.FreePort()}"));
        RelayConnector connector = Connector($"wss://localhost:{port}", certificates);

        // Members that wait at either relay when the one is stopped: all of them are paired afterwards.
        Task<IMessageChannel>[] senders = [.. Enumerable.Range(0, 10).Select(i => connector.JoinAsync(Join(i, PeerRole.Send), Cancel))];
        await TestRelay.Until(() => gone.Server.Hub.Rooms.Waiting + stays.Server.Hub.Rooms.Waiting == 10);
        await gone.Server.StopAsync(Cancel);
        IMessageChannel[] receivers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => connector.JoinAsync(Join(i, PeerRole.Receive), Cancel)));
        foreach (IMessageChannel channel in (IMessageChannel[])[.. await Task.WhenAll(senders), .. receivers])
            await channel.DisposeAsync();
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Metrics_and_readiness_of_the_relays_are_not_public(string engine)
    {
        string program = Daemon.Find(engine);
        using var certificates = new TestCertificates();
        await using TestRelay relay = await StartAsync();
        int port = Daemon.FreePort();
        await using Daemon daemon = await Balancer.StartAsync(program, port, certificates, relay.Address, relay.Address, relay.Address);

        foreach (string path in (string[])["/metrics", "/readyz", "/x/metrics", "//metrics", "/metrics?/p2p/ABCDEFGHIJKLMNOPQRSTU-"])
        {
            string answer = await GetAsync(port, certificates, path);
            Assert.Matches("^HTTP/1.1 404 ", answer);
            Assert.DoesNotContain("p2pcopy_relay_", answer);
        }

        Assert.Matches("^HTTP/1.1 200 ", await GetAsync(port, certificates, "/healthz"));
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task A_refusal_passes_through_in_the_relays_words(string engine)
    {
        string program = Daemon.Find(engine);
        using var certificates = new TestCertificates();
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], AllowedAddresses = ["192.0.2.1"] });
        int port = Daemon.FreePort();
        await using Daemon daemon = await Balancer.StartAsync(program, port, certificates, relay.Address, relay.Address, relay.Address);

        P2PException e = await Assert.ThrowsAsync<P2PException>(() => Connector($"wss://localhost:{port}", certificates).JoinAsync(Join(0, PeerRole.Send), Cancel));
        Assert.Equal(P2PErrorCode.RelayRefused, e.Code);
        Assert.Contains("does not admit your address", e.Message);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task The_relay_learns_the_clients_address_and_not_the_proxys(string engine)
    {
        string program = Daemon.Find(engine);
        using var certificates = new TestCertificates();
        // The proxy comes from an address of its own: without the header the relay would see that one, and refuse it.
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.5"], AllowedAddresses = ["127.0.0.1"], LogAddresses = true });
        int port = Daemon.FreePort();
        await using Daemon daemon = await Balancer.StartAsync(
            program,
            port,
            certificates,
            config => config.Replace("    proxy_http_version 1.1;", "    proxy_http_version 1.1;\n proxy_bind 127.0.0.5;", StringComparison.Ordinal)
                .Replace("default-server check", "default-server source 127.0.0.5 check", StringComparison.Ordinal),
            relay.Address,
            relay.Address,
            relay.Address);

        await CopyAsync(Connector($"wss://localhost:{port}", certificates), TestRelay.Room);
        lock (relay.Log)
        {
            Assert.Contains(relay.Log, l => l.Contains("client=127.0.0.1 ", StringComparison.Ordinal));
            Assert.DoesNotContain(relay.Log, l => l.Contains("client=127.0.0.5 ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task HAProxys_own_health_check_of_HTTP_1_0_finds_a_relay_ready_and_one_that_drains_not()
    {
        string program = Daemon.Find("haproxy");
        using var certificates = new TestCertificates();
        await using TestRelay drains = await StartAsync();
        await using TestRelay ready = await StartAsync();
        int port = Daemon.FreePort();
        await using Daemon daemon = await Balancer.StartAsync(
            program,
            port,
            certificates,
            config => config.Replace("option httpchk\n    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host relay", "option httpchk GET /readyz", StringComparison.Ordinal)
                .Replace("observe layer4 error-limit 1 on-error mark-down", "", StringComparison.Ordinal),
            drains.Address,
            ready.Address,
            ready.Address);
        await drains.Server.Hub.DrainAsync();

        await TestRelay.Until(() => daemon.Output.Contains("Server relays/relay1 is DOWN", StringComparison.Ordinal));
        Assert.Contains("503", daemon.Output);
        Assert.DoesNotContain("relays/relay2 is DOWN", daemon.Output);
        await CopyAsync(Connector($"wss://localhost:{port}", certificates), TestRelay.Room);
    }

    [Fact]
    public async Task Tls_passes_through_haproxy_to_the_relay_with_the_clients_address()
    {
        string program = Daemon.Find("haproxy");
        using var certificates = new TestCertificates();
        await using TestRelay relay = await StartAsync(o => o with
        {
            Certificate = certificates.CertificateFile,
            Key = certificates.KeyFile,
            TrustedProxies = ["127.0.0.1"],
            ProxyProtocol = true,
        });
        int port = Daemon.FreePort();
        string config = Daemon.DeployFile("haproxy/passthrough.cfg")
            .Replace("bind :443", $"bind 127.0.0.1:{port}", StringComparison.Ordinal)
            .Replace("127.0.0.1:8765", relay.Address.Authority, StringComparison.Ordinal)
            .Replace("maxconn 40000", "maxconn 2000", StringComparison.Ordinal);
        await using Daemon daemon = await Daemon.StartAsync(program, port, [("haproxy.cfg", config)], "-db", "-f", "@FOLDER@/haproxy.cfg");
        await CopyAsync(Connector($"wss://localhost:{port}", certificates), TestRelay.Room);
    }

    private static async Task<string> GetAsync(int port, TestCertificates certificates, string path)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, Cancel);
        await using var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.GetCertHashString(HashAlgorithmName.SHA256) == certificates.Fingerprint);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, Cancel);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: relay.example.org\r\nConnection: close\r\n\r\n"), Cancel);
        using var reader = new StreamReader(tls, Encoding.ASCII);
        return await reader.ReadToEndAsync(Cancel);
    }

    private static Task<TestRelay> StartAsync(Func<RelayOptions, RelayOptions>? change = null)
        => TestRelay.StartAsync(o =>
        {
            o = o with { TrustedProxies = ["127.0.0.1"] };
            return change?.Invoke(o) ?? o;
        });

    private static RelayConnector Connector(string address, TestCertificates certificates)
        => new(new RelayConnectorOptions { Relays = [new Uri(address)], CaFile = certificates.CertificateFile });

    private static RoomJoin Join(int number, PeerRole role)
        => new($"placeplaceplaceplace{number:D2}", role, TestRelay.Member((2 * number) + (int)role));

    private static async Task CopyAsync(RelayConnector connector, string room)
    {
        Task<IMessageChannel> joining = connector.JoinAsync(new RoomJoin(room, PeerRole.Send, TestRelay.Member(1)), Cancel);
        await using IMessageChannel receiver = await connector.JoinAsync(new RoomJoin(room, PeerRole.Receive, TestRelay.Member(2)), Cancel);
        await using IMessageChannel sender = await joining;
        byte[] message = new byte[1_000_000];
        new Random(1).NextBytes(message);
        byte[] buffer = new byte[message.Length];
        await sender.SendAsync(message, Cancel);
        Assert.Equal(message.Length, await receiver.ReceiveAsync(buffer, Cancel));
        Assert.True(message.AsSpan().SequenceEqual(buffer));
    }
}
