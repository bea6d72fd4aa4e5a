using System.Net.Sockets;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Relay;

public class RelayServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_of_every_size_arrive_whole_and_in_order_in_both_directions(bool secure)
    {
        using TestCertificates? certificates = secure ? new TestCertificates() : null;
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Certificate = certificates?.CertificateFile, Key = certificates?.KeyFile });
        (IMessageChannel sender, IMessageChannel receiver) = await relay.PairAsync(trusted: certificates);
        await using (sender)
        await using (receiver)
            await Task.WhenAll(CopyAsync(sender, receiver, 1), CopyAsync(receiver, sender, 2));
    }

    [Fact]
    public async Task Either_side_may_come_first()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        foreach (PeerRole first in (PeerRole[])[PeerRole.Send, PeerRole.Receive])
        {
            Task<IMessageChannel> waiting = relay.JoinAsync(first);
            await TestRelay.Until(() => relay.Server.Hub.Rooms.Waiting == 1);
            await using IMessageChannel second = await relay.JoinAsync(first == PeerRole.Send ? PeerRole.Receive : PeerRole.Send);
            await using IMessageChannel channel = await waiting;
            await second.SendAsync(new byte[] { 5 }, Cancel);
            byte[] buffer = new byte[8];
            Assert.Equal(1, await channel.ReceiveAsync(buffer, Cancel));
            await channel.DisposeAsync();
            await second.DisposeAsync();
            await TestRelay.Until(() => relay.Server.Hub.MemberCount == 0);
        }
    }

    [Fact]
    public async Task What_was_sent_before_leaving_arrives_and_then_the_peer_is_told()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        (IMessageChannel sender, IMessageChannel receiver) = await relay.PairAsync();
        await using (receiver)
        {
            // Less than the relay and small sockets hold: no client reads yet, so a send that waits would wait for ever.
            for (int i = 0; i < 5; i++)
                await sender.SendAsync(new byte[20_000], Cancel);
            await sender.DisposeAsync();

            byte[] buffer = new byte[20_000];
            for (int i = 0; i < 5; i++)
                Assert.Equal(20_000, await receiver.ReceiveAsync(buffer, Cancel));
            ChannelClosedException e = await Assert.ThrowsAsync<ChannelClosedException>(() => receiver.ReceiveAsync(buffer, Cancel).AsTask());
            Assert.Contains("left", e.Message);
        }
    }

    [Fact]
    public async Task A_peer_that_dies_inside_a_message_ends_the_other_with_a_close_frame()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (receiver)
        {
            byte[] frame = RawClient.Frame(2, new byte[1000]);
            await sender.SendAsync(frame.AsMemory(0, 500));
            (int opcode, bool final, byte[] payload) = (await receiver.ReadFrameAsync())!.Value;
            Assert.Equal((2, false), (opcode, final));
            Assert.Equal(500 - 8, payload.Length);
            sender.Dispose();
            Assert.Equal((1001, "The other side left."), await receiver.ReadCloseAsync());
        }
    }

    [Fact]
    public async Task A_second_client_of_a_role_is_refused_and_the_one_who_waits_stays()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawClient waiting = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1));
        await waiting.ExpectHintAsync("waiting");

        RoomOccupiedException e = await Assert.ThrowsAsync<RoomOccupiedException>(() => relay.JoinAsync(PeerRole.Send, member: TestRelay.Member(9)));
        Assert.Contains("in this role", e.Message);

        await using IMessageChannel receiver = await relay.JoinAsync(PeerRole.Receive);
        await waiting.ExpectHintAsync("paired");
    }

    [Fact]
    public async Task The_same_member_replaces_its_own_connection_while_waiting()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawClient old = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1));
        await old.ExpectHintAsync("waiting");
        using RawClient renewed = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1));
        await renewed.ExpectHintAsync("waiting");
        Assert.Equal(4000, (await old.ReadCloseAsync()).Code);

        await using IMessageChannel receiver = await relay.JoinAsync(PeerRole.Receive);
        await renewed.ExpectHintAsync("paired");
    }

    [Fact]
    public async Task The_same_member_replaces_its_dead_half_of_a_pair_and_the_partner_is_let_go()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        using RawClient renewed = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1));
        await renewed.ExpectHintAsync("waiting");
        Assert.Equal(4000, (await sender.ReadCloseAsync()).Code);
        await receiver.ExpectHintAsync("peer-left");
        Assert.Equal(1001, (await receiver.ReadCloseAsync()).Code);

        // The room is free for the partner at once, before its old connection has ended.
        using RawClient again = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "receive", TestRelay.Member(2));
        await again.ExpectHintAsync("paired");
        await renewed.ExpectHintAsync("paired");
    }

    [Fact]
    public async Task A_relay_answers_health_checks_and_knows_no_other_path()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        Assert.StartsWith("HTTP/1.1 200 ", await GetAsync(relay.Address, "/healthz"));
        Assert.StartsWith("HTTP/1.1 200 ", await GetAsync(relay.Address, "/readyz"));
        Assert.StartsWith("HTTP/1.1 404 ", await GetAsync(relay.Address, "/"));
        Assert.StartsWith("HTTP/1.1 426 ", await GetAsync(relay.Address, $"/p2p/{TestRelay.Room}?role=send&member={TestRelay.Member(1)}"));
    }

    [Fact]
    public async Task Stopping_tells_who_waits_and_lets_a_pair_end_its_work()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using RawClient waiting = await RawClient.JoinAsync(relay.Address, "waitingwaitingwaiting0", "send");
        await waiting.ExpectHintAsync("waiting");
        using (sender)
        using (receiver)
        {
            // In the middle of a message a hint has to wait for its end.
            byte[] frame = RawClient.Frame(2, new byte[1000]);
            await sender.SendAsync(frame.AsMemory(0, 500));
            Assert.NotNull(await receiver.ReadFrameAsync());
            Task stopping = relay.Server.StopAsync(Cancel);
            await waiting.ExpectHintAsync("draining");
            await sender.ExpectHintAsync("draining");
            // The drain is visible, and new joins go elsewhere.
            Assert.StartsWith("HTTP/1.1 503 ", await GetAsync(relay.Address, "/readyz"));
            Assert.StartsWith("HTTP/1.1 200 ", await GetAsync(relay.Address, "/healthz"));
            Assert.Contains("\np2pcopy_relay_draining 1\n", await GetAsync(relay.Address, "/metrics"));
            using (RawClient late = await RawClient.ConnectAsync(relay.Address))
            {
                await late.SendAsync(RawClient.JoinHead("latelatelatelatelate00", "send"));
                Assert.StartsWith("HTTP/1.1 503 ", await late.ReadAllAsync());
            }


            await sender.SendAsync(frame.AsMemory(500));
            (int opcode, bool final, byte[] rest) = (await receiver.ReadFrameAsync())!.Value;
            Assert.Equal((0, true), (opcode, final));
            Assert.Equal(500 + 8, rest.Length);
            await receiver.ExpectHintAsync("draining");
            Assert.False(stopping.IsCompleted);

            await sender.SendAsync(RawClient.Frame(8, [0x03, 0xE8]));
            await receiver.ExpectHintAsync("peer-left");
            receiver.Dispose();
            Assert.Equal(4003, (await waiting.ReadCloseAsync()).Code);
            waiting.Dispose();
            await stopping;
        }
    }

    [Fact]
    public async Task A_stop_in_a_hurry_ends_pairs_at_once()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        (IMessageChannel sender, IMessageChannel receiver) = await relay.PairAsync();
        await using (sender)
        await using (receiver)
        {
            using var hurry = new CancellationTokenSource();
            Task stopping = relay.Server.StopAsync(hurry.Token);
            await hurry.CancelAsync();
            ChannelClosedException e = await Assert.ThrowsAsync<ChannelClosedException>(() => sender.ReceiveAsync(new byte[64], Cancel).AsTask());
            Assert.Contains("4003", e.Message);
            await stopping;
        }
    }

    [Fact]
    public async Task Several_listeners_serve_the_same_rooms()
    {
        string path = Path.Combine(Path.GetTempPath(), $"p2pcopy-{Guid.NewGuid():N}.sock");
        await using (TestRelay relay = await TestRelay.StartAsync(o => o with { Listen = ["127.0.0.1:0", "*:0", $"unix:{path}"] }))
        {
            Assert.Equal("127.0.0.1", relay.Server.Addresses[1].Host);
            using RawClient first = await RawClient.JoinAsync(relay.Server.Addresses[0], TestRelay.Room, "send");
            await first.ExpectHintAsync("waiting");
            using RawClient second = await RawClient.JoinAsync(relay.Server.Addresses[1], TestRelay.Room, "receive");
            await second.ExpectHintAsync("paired");

            using var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await local.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancel);
            await local.SendAsync("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            byte[] answer = new byte[15];
            await new NetworkStream(local).ReadExactlyAsync(answer, Cancel);
            Assert.Equal("HTTP/1.1 200 OK"u8.ToArray(), answer);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_listener_of_IPv6_alone_serves_IPv6()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { Listen = ["[::1]:0"] });
        Assert.Equal("[::1]", relay.Address.Host);
        (IMessageChannel sender, IMessageChannel receiver) = await relay.PairAsync();
        await using (sender)
        await using (receiver)
        {
            await sender.SendAsync(new byte[] { 6 }, Cancel);
            Assert.Equal(1, await receiver.ReceiveAsync(new byte[8], Cancel));
        }
    }

    [Theory]
    [InlineData("here")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("::1:80")]
    public async Task An_address_that_is_none_is_an_invalid_option(string listen)
    {
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => RelayServer.StartAsync(new RelayOptions { Listen = [listen] }, Cancel));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.Contains(listen, e.Message);
    }

    [Fact]
    public async Task A_port_in_use_is_an_error_that_names_it()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        string taken = relay.Address.Authority;
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => RelayServer.StartAsync(new RelayOptions { Listen = [taken] }, Cancel));
        Assert.Contains(taken, e.Message);
    }

    private static async Task<string> GetAsync(Uri relay, string path)
    {
        using RawClient client = await RawClient.ConnectAsync(relay);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        return await client.ReadAllAsync();
    }

    private static async Task CopyAsync(IMessageChannel from, IMessageChannel to, int seed)
    {
        int[] sizes = [0, 1, 124, 125, 126, 127, 65_535, 65_536, 65_537, 131_072, 1 << 20, 3_000_001, 7];
        var random = new Random(seed);
        byte[][] messages = [.. sizes.Select(s =>
        {
            byte[] message = new byte[s];
            random.NextBytes(message);
            return message;
        })];
        Task sending = Task.Run(async () =>
        {
            foreach (byte[] message in messages)
                await from.SendAsync(message, Cancel);
        });
        byte[] buffer = new byte[4 << 20];
        foreach (byte[] message in messages)
        {
            int n = await to.ReceiveAsync(buffer, Cancel);
            Assert.True(message.AsSpan().SequenceEqual(buffer.AsSpan(0, n)), $"A message of {message.Length} bytes arrived as {n} others.");
        }

        await sending;
    }
}
