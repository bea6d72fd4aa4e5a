using System.Net.WebSockets;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Transport;

public class RelayConnectorTests
{
    private static readonly RoomJoin DefaultJoin = new("ABCDEFGHIJKLMNOPQRSTU-", PeerRole.Send, "00112233445566778899aabbccddeeff");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_join_keeps_the_prefix_and_carries_role_member_token_and_subprotocol()
    {
        await using var relay = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [new Uri($"http://127.0.0.1:{relay.Port}/some/prefix/")], Token = "s3cret" });

        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection connection = await relay.NextAsync();
        await connection.UpgradeAsync("paired");
        await using IMessageChannel channel = await joining;

        Assert.Equal("GET /some/prefix/p2p/ABCDEFGHIJKLMNOPQRSTU-?role=send&member=" + RelayAddress.MemberAt(relay.Address, DefaultJoin.Member) + " HTTP/1.1", connection.RequestLine);
        Assert.Equal("Bearer s3cret", connection.Header("Authorization"));
        Assert.Equal("p2pcopy", connection.Header("Sec-WebSocket-Protocol"));
        Assert.Null(connection.Header("Sec-WebSocket-Extensions"));
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_relays_own_words()
    {
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay).JoinAsync(DefaultJoin, Cancel);
        await (await relay.NextAsync()).RefuseAsync("403 Forbidden", "P2PCopy-Refused: This relay does not admit your address.\r\n");

        P2PException e = await Assert.ThrowsAsync<P2PException>(() => joining);
        Assert.Equal(P2PErrorCode.RelayRefused, e.Code);
        Assert.Contains("This relay does not admit your address.", e.Message);
        Assert.DoesNotContain(DefaultJoin.Room, e.Message);
    }

    [Fact]
    public async Task A_role_that_is_taken_is_told_apart_because_a_caller_may_wait_for_it()
    {
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay).JoinAsync(DefaultJoin, Cancel);
        await (await relay.NextAsync()).RefuseAsync("409 Conflict", "P2PCopy-Refused: This role is taken.\r\n");

        RoomOccupiedException e = await Assert.ThrowsAsync<RoomOccupiedException>(() => joining);
        Assert.Equal(P2PErrorCode.RelayRefused, e.Refusal.Code);
        Assert.Contains("This role is taken.", e.Refusal.Message);
    }

    [Fact]
    public async Task A_relay_that_is_not_there_is_an_error_that_names_it()
    {
        Uri gone;
        await using (var relay = new ScriptedRelay())
            gone = relay.Address;

        P2PException e = await Assert.ThrowsAsync<P2PException>(
            () => new RelayConnector(new RelayConnectorOptions { Relays = [gone] }).JoinAsync(DefaultJoin, Cancel));
        Assert.Equal(P2PErrorCode.RelayConnectFailed, e.Code);
        Assert.Contains(gone.Authority, e.Message);
        Assert.Contains("refused", e.Message);
    }

    [Fact]
    public async Task A_web_server_that_is_no_relay_is_told_apart_from_a_refusal()
    {
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay).JoinAsync(DefaultJoin, Cancel);
        await (await relay.NextAsync()).RefuseAsync("502 Bad Gateway");

        P2PException e = await Assert.ThrowsAsync<P2PException>(() => joining);
        Assert.Equal(P2PErrorCode.RelayConnectFailed, e.Code);
        Assert.Contains("502", e.Message);
    }

    [Fact]
    public async Task The_next_relay_is_tried_when_one_is_gone_or_full()
    {
        Uri gone;
        await using (var relay = new ScriptedRelay())
            gone = relay.Address;
        await using var full = new ScriptedRelay();
        await using var good = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [gone, full.Address, good.Address] });

        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        await (await full.NextAsync()).RefuseAsync("429 Too Many Requests", "P2PCopy-Refused: Full.\r\n");
        await (await good.NextAsync()).UpgradeAsync("paired");
        await (await joining).DisposeAsync();
    }

    [Fact]
    public async Task A_relay_that_knows_the_room_and_says_no_is_not_passed_over()
    {
        await using var strict = new ScriptedRelay();
        await using var other = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [strict.Address, other.Address] });

        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        await (await strict.NextAsync()).RefuseAsync("401 Unauthorized", "P2PCopy-Refused: A token is needed.\r\n");

        Assert.Equal(P2PErrorCode.RelayRefused, (await Assert.ThrowsAsync<P2PException>(() => joining)).Code);
        Assert.False(other.HasMore);
    }

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

    [Fact]
    public async Task A_relay_that_never_answers_is_given_up_after_the_connection_time()
    {
        var clock = new ManualTimeProvider();
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay, clock, TimeSpan.FromSeconds(15)).JoinAsync(DefaultJoin, Cancel);
        _ = await relay.NextAsync();
        clock.Advance(TimeSpan.FromSeconds(15));

        P2PException e = await Assert.ThrowsAsync<P2PException>(() => joining);
        Assert.Equal(P2PErrorCode.RelayConnectFailed, e.Code);
        Assert.Contains("within 15 s", e.Message);
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

        Assert.InRange(clock.GetElapsedTime(start), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(27));
        await (await relay.NextAsync()).UpgradeAsync("paired");
        await (await joining).DisposeAsync();
        byte[] ping = new byte[6];
        await forgotten.Stream.ReadExactlyAsync(ping, Cancel);
        Assert.Equal([0x89, 0x80], ping[..2]);
    }

    [Fact]
    public async Task A_waiting_connection_whose_relay_answers_pings_is_kept()
    {
        await using var relay = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [relay.Address], ProbeInterval = TimeSpan.FromMilliseconds(20) });
        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection connection = await relay.NextAsync();
        using WebSocket socket = await connection.UpgradeAsync("waiting");
        byte[] ping = new byte[6];
        for (int i = 0; i < 5; i++)
        {
            await connection.Stream.ReadExactlyAsync(ping, Cancel);
            Assert.Equal(0x89, ping[0]);
            await connection.Stream.WriteAsync(new byte[] { 0x8a, 0 }, Cancel);
        }

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
    public async Task A_first_join_survives_connections_that_are_reset_and_tells_the_reason_once()
    {
        await using var relay = new ScriptedRelay();
        var reasons = new List<P2PException>();
        Task<IMessageChannel> joining = Connector(relay).JoinAsync(DefaultJoin with { OnRetry = reasons.Add }, Cancel);
        for (int i = 0; i < 2; i++)
            (await relay.NextAsync()).Reset();
        await (await relay.NextAsync()).UpgradeAsync("paired");
        await (await joining).DisposeAsync();

        P2PException reason = Assert.Single(reasons);
        Assert.Equal(P2PErrorCode.RelayConnectFailed, reason.Code);
        Assert.Contains(relay.Address.Authority, reason.Message);
    }

    [Fact]
    public async Task A_first_join_survives_one_slow_attempt()
    {
        var clock = new ManualTimeProvider();
        await using var relay = new ScriptedRelay();
        var reasons = new List<P2PException>();
        Task<IMessageChannel> joining = Connector(relay, clock, TimeSpan.FromSeconds(15)).JoinAsync(DefaultJoin with { OnRetry = reasons.Add }, Cancel);
        using ScriptedConnection silent = await relay.NextAsync();
        clock.Advance(TimeSpan.FromSeconds(15));
        await AdvanceUntil(clock, TimeSpan.FromMilliseconds(100), () => relay.HasMore);
        await (await relay.NextAsync()).UpgradeAsync("paired");
        await (await joining).DisposeAsync();

        Assert.Contains("within 15 s", Assert.Single(reasons).Message);
    }

    [Fact]
    public async Task A_first_join_ends_with_the_reason_after_twice_the_connection_time()
    {
        var clock = new ManualTimeProvider();
        await using var relay = new ScriptedRelay();
        long start = clock.GetTimestamp();
        Task<IMessageChannel> joining = Connector(relay, clock, TimeSpan.FromSeconds(15)).JoinAsync(DefaultJoin with { OnRetry = _ => { } }, Cancel);
        await AdvanceUntil(clock, TimeSpan.FromMilliseconds(100), () =>
        {
            while (relay.TryNext() is { } connection)
                connection.Reset();
            return joining.IsCompleted;
        });

        P2PException e = await Assert.ThrowsAsync<P2PException>(() => joining);
        Assert.Equal(P2PErrorCode.RelayConnectFailed, e.Code);
        Assert.InRange(clock.GetElapsedTime(start), TimeSpan.FromSeconds(24), TimeSpan.FromSeconds(45));
    }

    [Theory]
    [InlineData("401 Unauthorized", "P2PCopy-Refused: A token is needed.\r\n", 1)]
    [InlineData("403 Forbidden", "P2PCopy-Refused: Not from there.\r\n", 1)]
    [InlineData("503 Service Unavailable", "P2PCopy-Refused: Full.\r\n", 1)]
    [InlineData("404 Not Found", "", 1)]
    [InlineData("502 Bad Gateway", "", 2)]
    [InlineData("504 Gateway Timeout", "", 2)]
    public async Task A_refusal_is_final_at_once_and_a_balancer_without_a_relay_is_not(string status, string headers, int attempts)
    {
        await using var relay = new ScriptedRelay();
        Task<IMessageChannel> joining = Connector(relay).JoinAsync(DefaultJoin with { OnRetry = _ => { } }, Cancel);
        await (await relay.NextAsync()).RefuseAsync(status, headers);
        if (attempts == 1)
        {
            await Assert.ThrowsAsync<P2PException>(() => joining);
            return;
        }

        await (await relay.NextAsync()).UpgradeAsync("paired");
        await (await joining).DisposeAsync();
    }

    [Fact]
    public async Task The_token_goes_only_to_the_first_relay_and_to_those_that_are_named()
    {
        await using var first = new ScriptedRelay();
        await using var stranger = new ScriptedRelay();
        await using var named = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions
        {
            Relays = [first.Address, stranger.Address, named.Address],
            Token = "s3cret",
            TokenRelays = [named.Address],
        });
        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection one = await first.NextAsync();
        await one.RefuseAsync("404 Not Found");
        ScriptedConnection other = await stranger.NextAsync();
        await other.RefuseAsync("404 Not Found");
        ScriptedConnection last = await named.NextAsync();
        await last.UpgradeAsync("paired");
        await (await joining).DisposeAsync();

        Assert.Equal("Bearer s3cret", one.Header("Authorization"));
        Assert.DoesNotContain("s3cret", other.Head, StringComparison.Ordinal);
        Assert.Equal("Bearer s3cret", last.Header("Authorization"));
    }

    [Fact]
    public async Task A_relay_that_asks_for_the_token_of_another_one_is_refused_it_and_the_error_says_how_to_give_it()
    {
        Uri gone;
        await using (var relay = new ScriptedRelay())
            gone = relay.Address;
        await using var asking = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [gone, asking.Address], Token = "s3cret" });
        Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection connection = await asking.NextAsync();
        await connection.RefuseAsync("401 Unauthorized", "P2PCopy-Refused: A token is needed.\r\n");

        P2PException e = await Assert.ThrowsAsync<P2PException>(() => joining);
        Assert.Contains("`TokenRelays`", e.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", connection.Head + e.Message + e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_relay_gets_another_member_token_and_the_same_one_at_every_join()
    {
        await using var one = new ScriptedRelay();
        await using var other = new ScriptedRelay();
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [one.Address, other.Address] });
        var members = new List<string>();
        for (int i = 0; i < 2; i++)
        {
            Task<IMessageChannel> joining = connector.JoinAsync(DefaultJoin, Cancel);
            ScriptedConnection refusing = await one.NextAsync();
            await refusing.RefuseAsync("404 Not Found");
            ScriptedConnection pairing = await other.NextAsync();
            await pairing.UpgradeAsync("paired");
            await (await joining).DisposeAsync();
            members.AddRange([Member(refusing), Member(pairing)]);
        }

        Assert.Equal(members[..2], members[2..]);
        Assert.Equal(3, members[..2].Append(DefaultJoin.Member).Distinct().Count());

        static string Member(ScriptedConnection connection) => connection.RequestLine.Split("member=")[1].Split(' ')[0];
    }

    [Fact]
    public void A_relay_for_the_token_that_is_not_in_the_list_is_an_invalid_option()
    {
        P2PException e = Assert.Throws<P2PException>(() => new RelayConnector(new RelayConnectorOptions
        {
            Relays = [new Uri("wss://relay.example.org")],
            TokenRelays = [new Uri("wss://relay.example.net")],
        }));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.Contains("wss://relay.example.net", e.Message, StringComparison.Ordinal);
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

    [Theory]
    [InlineData("ftp://relay.example.org")]
    [InlineData("wss://user:secret@relay.example.org")]
    [InlineData("wss://relay.example.org/?x=1")]
    [InlineData("relay")]
    public void An_address_that_no_relay_can_have_is_an_invalid_option(string address)
    {
        P2PException e = Assert.Throws<P2PException>(
            () => new RelayConnector(new RelayConnectorOptions { Relays = [new Uri(address, UriKind.RelativeOrAbsolute)] }));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.DoesNotContain("secret", e.Message);
    }

    [Fact]
    public void A_password_in_the_address_of_the_proxy_is_an_invalid_option_that_does_not_show_it()
    {
        P2PException e = Assert.Throws<P2PException>(() => new RelayConnector(new RelayConnectorOptions
        {
            Relays = [new Uri("wss://relay.example.org")],
            Proxy = new Uri("http://alice:secret@proxy.example.org:3128"),
        }));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.Contains("ProxyCredential", e.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.Message + e.Hint, StringComparison.Ordinal);
    }

    private static RelayConnector Connector(ScriptedRelay relay, TimeProvider? clock = null, TimeSpan? connectionTimeout = null)
        => new(new RelayConnectorOptions
        {
            Relays = [relay.Address],
            TimeProvider = clock ?? TimeProvider.System,
            // A clock that leaps must not end the attempts in between.
            ConnectionTimeout = connectionTimeout ?? TimeSpan.FromDays(30),
        });

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, Cancel);
    }

    /// <summary>Moves the clock again and again, since the other side sets its next timer on a thread of its own.</summary>
    private static Task AdvanceUntil(ManualTimeProvider clock, TimeSpan step, Func<bool> condition)
        => Until(() =>
        {
            if (clock.PendingTimers > 0)
                clock.Advance(step);
            return condition();
        });
}
