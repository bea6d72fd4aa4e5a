using System.Collections.Concurrent;
using System.Net.WebSockets;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;
using static P2PCopy.Tests.Unit.Transport.RelayConnectorTests;

namespace P2PCopy.Tests.Unit.Transport;

/// <summary>A client that waits at a relay for the other side.</summary>
public class RelayWaitTests
{
    [Fact]
    public async Task A_waiting_member_joins_again_with_the_same_token_and_is_told_of_waiting_each_time()
    {
        var clock = new ManualTimeProvider();
        await using var relay = new ScriptedRelay();
        int waiting = 0;
        RoomJoin join = DefaultJoin with { OnWaiting = () => Interlocked.Increment(ref waiting) };
        Task<IMessageChannel> joining = Connector(relay, clock).JoinAsync(join, Cancel);

        ScriptedConnection first = await relay.NextAsync();
        using WebSocket old = await first.UpgradeAsync("waiting");
        await Until(() => waiting == 1);
        await AdvanceUntil(clock, TimeSpan.FromSeconds(54), () => relay.HasMore);
        ScriptedConnection second = await relay.NextAsync();
        using WebSocket renewed = await second.UpgradeAsync("waiting");
        await Until(() => waiting == 2);

        // The old connection is closed only once the new one has joined.
        WebSocketReceiveResult end = await old.ReceiveAsync(new byte[16], Cancel);
        Assert.Equal(WebSocketMessageType.Close, end.MessageType);
        Assert.Equal(first.RequestLine, second.RequestLine);

        await ScriptedConnection.HintAsync(renewed, "paired");
        await using IMessageChannel channel = await joining;
    }

    [Fact]
    public async Task A_draining_relay_is_left_at_once_but_a_pair_that_forms_first_is_taken()
    {
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay).JoinAsync(DefaultJoin, Cancel);

        using WebSocket old = await (await relay.NextAsync()).UpgradeAsync("waiting", "draining");
        _ = await relay.NextAsync();
        await ScriptedConnection.HintAsync(old, "paired");
        await using IMessageChannel channel = await joining;
        await channel.SendAsync(new byte[] { 42 }, Cancel);

        byte[] buffer = new byte[16];
        Assert.Equal(1, (await old.ReceiveAsync(buffer, Cancel)).Count);
        Assert.Equal(42, buffer[0]);
    }

    /// <summary>A load balancer leads to another relay meanwhile, and the other side to the first one when that is back.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_it_was_displaced_a_waiting_member_joins_again_soon_and_then_less_and_less_often(bool isDrained)
    {
        var clock = new ManualTimeProvider();
        await using var relay = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions
        {
            Relays = [relay.Address],
            TimeProvider = clock,
            ConnectionTimeout = TimeSpan.FromDays(30),
            ProbeInterval = TimeSpan.FromDays(1),
        });
        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection left = await relay.NextAsync();
        WebSocket member = await left.UpgradeAsync("waiting");
        if (isDrained)
            await ScriptedConnection.HintAsync(member, "draining");
        else
            left.Dispose();

        var intervals = new List<TimeSpan>();
        for (int i = 0; i < 8; i++)
        {
            long start = clock.GetTimestamp();
            await AdvanceUntil(clock, TimeSpan.FromMilliseconds(100), () => relay.HasMore);
            intervals.Add(clock.GetElapsedTime(start));
            WebSocket next = await (await relay.NextAsync()).UpgradeAsync("waiting");
            member.Dispose();
            member = next;
        }

        // The first one is the move; then 1 s, 2 s, 4 s … , each varied by a fifth. A slow test sees them longer.
        Assert.All(intervals.Zip((int[])[0, 1, 2, 4, 8, 16, 32, 45]), i => Assert.InRange(i.First, 0.8 * TimeSpan.FromSeconds(i.Second), TimeSpan.MaxValue));
        Assert.InRange(intervals[1], TimeSpan.Zero, 0.8 * TimeSpan.FromSeconds(45));
        await ScriptedConnection.HintAsync(member, "paired");
        member.Dispose();
        await (await joining).DisposeAsync();
    }

    [Fact]
    public async Task A_relay_that_is_gone_while_a_side_waits_is_named_once_and_not_if_it_is_only_started_again()
    {
        var clock = new ManualTimeProvider();
        var told = new ConcurrentQueue<P2PException>();
        var relay = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [relay.Address], TimeProvider = clock, ConnectionTimeout = TimeSpan.FromDays(30) });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin with { OnRetry = told.Enqueue }, stop.Token);
        ScriptedConnection first = await relay.NextAsync();
        using WebSocket member = await first.UpgradeAsync("waiting");
        await relay.DisposeAsync();
        first.Dispose();

        long start = clock.GetTimestamp();
        await AdvanceUntil(clock, TimeSpan.FromMilliseconds(100), () => !told.IsEmpty);
        Assert.InRange(clock.GetElapsedTime(start), TimeSpan.FromSeconds(5), TimeSpan.MaxValue);
        for (int i = 0; i < 20; i++)
        {
            await Task.Delay(10, Cancel);
            clock.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Contains("could not be reached", Assert.Single(told).Message);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joining);
    }

    [Fact]
    public async Task A_relay_lost_while_waiting_is_tried_again_with_back_off()
    {
        var clock = new ManualTimeProvider();
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay, clock).JoinAsync(DefaultJoin, Cancel);

        ScriptedConnection first = await relay.NextAsync();
        await first.UpgradeAsync("waiting");
        first.Dispose();
        for (int i = 0; i < 3; i++)
        {
            await AdvanceUntil(clock, TimeSpan.FromSeconds(6), () => relay.HasMore);
            (await relay.NextAsync()).Dispose();
        }

        await AdvanceUntil(clock, TimeSpan.FromSeconds(6), () => relay.HasMore);
        await (await relay.NextAsync()).UpgradeAsync("paired");
        await (await joining).DisposeAsync();
    }

    [Fact]
    public async Task A_limit_reached_while_waiting_ends_the_wait_with_the_reason()
    {
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay).JoinAsync(DefaultJoin, Cancel);
        using WebSocket socket = await (await relay.NextAsync()).UpgradeAsync("waiting");
        await socket.CloseAsync((WebSocketCloseStatus)4002, "This relay has moved its bytes for today.", Cancel);

        P2PException e = await Assert.ThrowsAsync<P2PException>(() => joining);
        Assert.Equal(P2PErrorCode.RelayRefused, e.Code);
        Assert.Contains("bytes for today", e.Message);
    }

    /// <summary>About to be replaced, or after many joins in a short time: a script that copies file after file with one code.</summary>
    [Theory]
    [InlineData("503 Service Unavailable", 2)]
    [InlineData("429 Too Many Requests", 2)]
    [InlineData("429 Too Many Requests", 0)] // nor is it asked in a tight loop
    public async Task A_relay_that_lets_nobody_in_just_now_is_asked_again_when_it_said_so_and_not_before(string status, int seconds)
    {
        var clock = new ManualTimeProvider();
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay, clock).JoinAsync(DefaultJoin, Cancel);
        await (await relay.NextAsync()).RefuseAsync(status, $"P2PCopy-Refused: Later.\r\nRetry-After: {seconds}\r\n");
        await Task.Delay(100, Cancel); // the clock stands
        Assert.False(relay.HasMore);
        await AdvanceUntil(clock, TimeSpan.FromSeconds(2), () => relay.HasMore);
        await (await relay.NextAsync()).UpgradeAsync("paired");
        await (await joining).DisposeAsync();
    }

    [Fact]
    public async Task A_waiting_connection_that_the_network_forgot_is_noticed_by_a_ping_and_replaced()
    {
        var clock = new ManualTimeProvider();
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay, clock).JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection forgotten = await relay.NextAsync();
        await forgotten.UpgradeAsync("waiting");
        // The relay reads nothing from here on and answers nothing.
        long start = clock.GetTimestamp();
        await AdvanceUntil(clock, TimeSpan.FromSeconds(1), () => relay.HasMore);

        Assert.InRange(clock.GetElapsedTime(start), TimeSpan.FromSeconds(5 + 3), TimeSpan.FromSeconds(27)); // the ping, and no answer
        await (await relay.NextAsync()).UpgradeAsync("paired");
        await (await joining).DisposeAsync();
        byte[] ping = new byte[6];
        await forgotten.Stream.ReadExactlyAsync(ping, Cancel);
        Assert.Equal([0x89, 0x80], ping[..2]);
    }

    /// <summary>The answers to its pings fill the connection, and then no ping of the client can be written.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_relay_that_sends_pings_and_reads_nothing_does_not_hold_a_waiting_client(bool isCancelled)
    {
        var clock = new ManualTimeProvider();
        await using var relay = new ScriptedRelay();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<IMessageChannel> joining = Connector(relay, clock).JoinAsync(DefaultJoin, cancel.Token);
        using ScriptedConnection hostile = await relay.NextAsync();
        await hostile.UpgradeAsync("waiting");
        Task flood = hostile.FloodAsync();
        await AdvanceUntil(clock, TimeSpan.FromSeconds(1), () => relay.HasMore);

        ScriptedConnection second = await relay.NextAsync();
        if (isCancelled)
        {
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joining);
        }
        else
        {
            await second.UpgradeAsync("paired");
            await (await joining).DisposeAsync();
        }

        hostile.Dispose();
        await flood;
    }

    [Fact]
    public async Task A_waiting_connection_whose_relay_answers_pings_is_kept()
    {
        await using var relay = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [relay.Address], ProbeInterval = TimeSpan.FromMilliseconds(20) });
        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection connection = await relay.NextAsync();
        using WebSocket socket = await connection.UpgradeAsync("waiting");
        await connection.AnswerPingsAsync(5);

        Assert.False(relay.HasMore);
        await ScriptedConnection.HintAsync(socket, "paired");
        await using IMessageChannel channel = await joining;
        await channel.SendAsync(new byte[] { 1, 2, 3 }, Cancel);
        byte[] frame = new byte[2];
        do
        {
            await connection.Stream.ReadExactlyAsync(frame, Cancel);
            await connection.Stream.ReadExactlyAsync(new byte[4 + (frame[1] & 0x7f)], Cancel);
        }
        while (frame[0] == 0x89);
        Assert.Equal([0x82, 0x83], frame);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_and_closes_the_connection()
    {
        await using var relay = new ScriptedRelay();
        using var cancel = new CancellationTokenSource();
        Task<IMessageChannel> joining = Connector(relay).JoinAsync(DefaultJoin, cancel.Token);
        using WebSocket socket = await (await relay.NextAsync()).UpgradeAsync("waiting");
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joining);
    }
}
