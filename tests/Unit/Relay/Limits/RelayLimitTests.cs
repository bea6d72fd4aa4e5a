using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Relay.Limits;

/// <summary>How many connections, joins and waiting rooms a relay has. Time moves only when a test moves it.</summary>
public class RelayLimitTests : RelayLimitBase
{
    [Fact]
    public async Task A_head_that_does_not_come_in_time_is_refused()
    {
        await using TestRelay relay = await StartAsync();
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync("GET /healthz HTTP/1.1\r\n");
        await TimersAsync(2);
        Clock.Advance(TimeSpan.FromSeconds(9));
        await client.SendAsync("Host: x\r\n");
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("did not arrive within 10 s", await client.ReadAllAsync());
    }

    [Fact]
    public async Task A_tls_handshake_that_does_not_come_in_time_is_cut()
    {
        using var certificates = new TestCertificates();
        await using TestRelay relay = await StartAsync(o => o with { Certificate = certificates.CertificateFile, Key = certificates.KeyFile });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(new byte[] { 22, 3, 1 });
        await TimersAsync(2);
        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("", await client.ReadAllAsync());
    }

    [Fact]
    public async Task Connections_in_all_are_limited()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxConnections = 1 });
        using RawClient first = await WaitAsync(relay, 1);
        string answer = await RefusedAsync(relay, "room2room2room2room2ro");
        Assert.StartsWith("HTTP/1.1 503 ", answer);
        Assert.Contains("has 1 connections, which is all it allows", answer);
        Assert.Contains("Retry-After: ", answer);
    }

    [Fact]
    public async Task Connections_of_one_address_are_limited()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxConnectionsPerAddress = 2 });
        using RawClient first = await WaitAsync(relay, 1);
        using RawClient second = await WaitAsync(relay, 2);
        string answer = await RefusedAsync(relay, RoomOf(3));
        Assert.StartsWith("HTTP/1.1 429 ", answer);
        Assert.Contains("2 connections from this address already", answer);
        first.Dispose();
        await TestRelay.Until(() => relay.Server.Hub.Admission.Connections == 1);
        using RawClient third = await WaitAsync(relay, 3);
    }

    [Fact]
    public async Task Joins_of_one_address_are_limited_in_rate_but_a_live_member_may_join_again()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxJoinsPerMinutePerAddress = 3 });
        using RawClient a = await WaitAsync(relay, 1);
        using RawClient b = await WaitAsync(relay, 2);
        using RawClient c = await WaitAsync(relay, 3);
        Assert.Contains("There were more than 3 joins a minute from your address", await RefusedAsync(relay, RoomOf(4)));

        using RawClient again = await WaitAsync(relay, 1);
        Clock.Advance(TimeSpan.FromSeconds(20));
        using RawClient later = await WaitAsync(relay, 4);
    }

    [Fact]
    public async Task Joins_of_one_room_are_limited_in_rate()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxJoinsPerMinutePerRoom = 1 });
        using RawClient a = await WaitAsync(relay, 1);
        string answer = await RefusedAsync(relay, RoomOf(1), "receive");
        Assert.StartsWith("HTTP/1.1 429 ", answer);
        Assert.Contains("the room of this code", answer);
        using RawClient other = await WaitAsync(relay, 2);
    }

    [Fact]
    public async Task Waiting_rooms_are_limited_and_pairs_do_not_count()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxWaitingRooms = 1 });
        using RawClient a = await WaitAsync(relay, 1);
        Assert.Contains("1 rooms have a waiting client", await RefusedAsync(relay, RoomOf(2)));
        using RawClient b = await RawClient.JoinAsync(relay.Address, RoomOf(1), "receive");
        using RawClient c = await WaitAsync(relay, 2);
    }

    [Fact]
    public async Task Waiting_ends_after_its_time()
    {
        await using TestRelay relay = await StartAsync();
        using RawClient client = await WaitAsync(relay, 1);
        Clock.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(1, relay.Server.Hub.Rooms.Waiting);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((4001, "No partner joined within 300 s; join again."), await client.ReadCloseAsync());

        // It does not go by itself: it is cut off.
        Clock.Advance(TimeSpan.FromSeconds(6));
        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
    }

    [Fact]
    public async Task A_draining_relay_refuses_who_had_connected_before()
    {
        await using TestRelay relay = await StartAsync();
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        using (RawClient late = await RawClient.ConnectAsync(relay.Address))
        {
            await TestRelay.Until(() => relay.Server.OpenConnectionCount == 3);
            Task stopping = relay.Server.StopAsync(Cancel);
            Assert.Equal("", await late.ReadAllAsync());

            // The drain has its time by the clock.
            await sender.ExpectHintAsync("draining");
            Assert.False(stopping.IsCompleted);
            await TimersAsync(2);
            Clock.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(4003, (await sender.ReadCloseAsync()).Code);
            Assert.Equal(4003, (await receiver.ReadCloseAsync()).Code);
            sender.Dispose();
            receiver.Dispose();
            await stopping;
        }
    }

    [Fact]
    public async Task An_option_out_of_its_range_is_refused_by_name()
    {
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { WaitTimeout = TimeSpan.FromSeconds(5) }));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.Equal("`WaitTimeout` is 5; it must be 60 to 86400 seconds.", e.Message);
        await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { MaxRate = 1000 }));
        await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { TrustedProxies = ["proxy.example.org"] }));
        await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { Certificate = "/nowhere/certificate.pem" }));
        await Assert.ThrowsAsync<P2PException>(() => StartAsync(o => o with { TokenFile = "/nowhere/tokens" }));
    }
}
