using System.Net;
using System.Net.WebSockets;
using P2PCopy.Session.Direct;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;
using P2PCopy.Tests.Unit.Transport;

namespace P2PCopy.Tests.Transfers;

public sealed class RelayTestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_relay_that_works_is_described_and_measured()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        RelayTestReport report = await RelayTest.RunAsync(new RelayTestOptions { Relay = relay.Address, MeasureTime = TimeSpan.FromSeconds(1) }, Cancel);
        Assert.True(report.Succeeded);
        Assert.Equal((true, null, null), (report.IsReachable, report.IsTlsValid, report.CertificateHash));
        Assert.Equal(typeof(RelayTest).Assembly.GetName().Version!.ToString(3), report.Version);
        Assert.InRange(report.RoundTrip!.Value, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(5));
        Assert.InRange(report.BytesPerSecond!.Value, 1e5, 1e12);
    }

    [Theory]
    [InlineData(DirectMode.Off)]
    [InlineData(DirectMode.Lan)]
    public async Task Direct_connections_are_looked_at_only_as_far_as_they_are_allowed(DirectMode mode)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        RelayTestReport report = await RelayTest.RunAsync(new RelayTestOptions { Relay = relay.Address, MeasureTime = TimeSpan.Zero, Direct = mode }, Cancel);
        Assert.True(report.Succeeded);
        Assert.Equal(mode == DirectMode.Lan, report.Direct is { Nat: NatKind.Unknown, SeenByRelay: null, Mapping: null });
    }

    [Theory]
    [InlineData("127.0.0.1:40000", NatKind.None)]
    [InlineData("10.0.0.5:41000", NatKind.None)]
    [InlineData("203.0.113.7:40000", NatKind.KeepsPorts)]
    [InlineData("203.0.113.7:41000", NatKind.ChangesPorts)]
    public void What_the_relay_sees_tells_what_the_router_does(string seen, NatKind expected)
    {
        var network = new LocalNetwork([new LocalAddress(IPAddress.Parse("10.0.0.5"), 24)], []);
        Assert.Equal(expected, DirectProbe.KindOf(IPEndPoint.Parse(seen), 40000, network));
    }

    [Theory]
    [InlineData("tok\r\nX-Forwarded-For: 10.0.0.1")]
    [InlineData("t\u00f6ken")]
    public async Task A_token_that_no_header_can_hold_is_refused_without_being_shown(string token)
    {
        var options = new RelayTestOptions { Relay = new Uri("ws://127.0.0.1:1/"), Token = token };
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => RelayTest.RunAsync(options, Cancel));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.DoesNotContain(token, e.Message);
    }

    [Fact]
    public async Task The_certificate_is_judged_by_what_was_asked_for_and_described()
    {
        using var certificates = new TestCertificates();
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile });
        RelayTestOptions options = new() { Relay = relay.Address, MeasureTime = TimeSpan.FromSeconds(0) };

        RelayTestReport report = await RelayTest.RunAsync(options with { CaFile = certificates.CertificateFile }, Cancel);
        Assert.Equal((true, true, true), (report.Succeeded, report.IsReachable, report.IsTlsValid));
        Assert.Equal(certificates.Fingerprint, report.CertificateHash);
        Assert.Equal(certificates.Certificate.NotAfter.ToUniversalTime(), report.CertificateExpires);
        Assert.Null(report.BytesPerSecond);

        report = await RelayTest.RunAsync(options, Cancel);
        Assert.Equal((P2PErrorCode.RelayConnectFailed, true, false), (report.Error!.Code, report.IsReachable, report.IsTlsValid));
        Assert.Equal(certificates.Fingerprint, report.CertificateHash);

        report = await RelayTest.RunAsync(options with { SkipCertificateCheck = true }, Cancel);
        Assert.Equal((true, false), (report.Succeeded, report.IsTlsValid));

        report = await RelayTest.RunAsync(options with { PinnedCertificate = certificates.Fingerprint }, Cancel);
        Assert.Equal((true, true), (report.Succeeded, report.IsTlsValid));
    }

    [Fact]
    public async Task A_relay_that_refuses_is_reachable_and_its_reason_is_told()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Token = "right" });
        RelayTestReport report = await RelayTest.RunAsync(new RelayTestOptions { Relay = relay.Address, Token = "wrong" }, Cancel);
        Assert.Equal((P2PErrorCode.RelayRefused, true), (report.Error!.Code, report.IsReachable));
        Assert.Null(report.Version);
    }

    [Fact]
    public async Task Where_nobody_listens_it_is_not_reachable()
    {
        RelayTestReport report = await RelayTest.RunAsync(new RelayTestOptions { Relay = new Uri("ws://127.0.0.1:1") }, Cancel);
        Assert.Equal((P2PErrorCode.RelayConnectFailed, false), (report.Error!.Code, report.IsReachable));
    }

    [Fact]
    public async Task Relays_that_do_not_share_rooms_are_found_out()
    {
        await using var relay = new ScriptedRelay();
        Task<RelayTestReport> test = RelayTest.RunAsync(new RelayTestOptions { Relay = relay.Address }, Cancel);
        using ScriptedConnection one = await relay.NextAsync();
        using WebSocket oneSocket = await one.UpgradeAsync("waiting");
        using ScriptedConnection two = await relay.NextAsync();
        using WebSocket twoSocket = await two.UpgradeAsync("waiting");
        RelayTestReport report = await test;
        Assert.Equal(P2PErrorCode.RelayConnectFailed, report.Error!.Code);
        Assert.Contains("several relays", report.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relay_that_passes_nothing_on_is_given_up_in_time()
    {
        await using var relay = new ScriptedRelay();
        var clock = new ManualTimeProvider();
        Task<RelayTestReport> test = RelayTest.RunAsync(new RelayTestOptions { Relay = relay.Address, MeasureTime = TimeSpan.FromSeconds(0), TimeProvider = clock }, Cancel);
        using ScriptedConnection one = await relay.NextAsync();
        using WebSocket oneSocket = await one.UpgradeAsync("waiting");
        using ScriptedConnection two = await relay.NextAsync();
        using WebSocket twoSocket = await two.UpgradeAsync("paired");
        await ScriptedConnection.HintAsync(oneSocket, "paired");
        await TestRelay.Until(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return test.IsCompleted;
        });
        RelayTestReport report = await test;
        Assert.Equal((P2PErrorCode.ConnectionLost, null), (report.Error!.Code, report.RoundTrip));
    }

    [Theory]
    [InlineData("ftp://relay", 2, 15)]
    [InlineData("ws://user@relay", 2, 15)]
    [InlineData("ws://relay", 61, 15)]
    [InlineData("ws://relay", 2, 0)]
    public async Task What_cannot_be_tested_is_refused(string relay, int measure, int timeout)
    {
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => RelayTest.RunAsync(
            new RelayTestOptions { Relay = new Uri(relay), MeasureTime = TimeSpan.FromSeconds(measure), ConnectionTimeout = TimeSpan.FromSeconds(timeout) }, Cancel));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
    }
}
