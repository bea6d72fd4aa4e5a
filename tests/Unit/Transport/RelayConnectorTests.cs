using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Transport;

public class RelayConnectorTests
{
    internal static readonly RoomJoin DefaultJoin = new("ABCDEFGHIJKLMNOPQRSTU-", PeerRole.Send, "00112233445566778899aabbccddeeff");

    internal static CancellationToken Cancel => TestContext.Current.CancellationToken;

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

    internal static RelayConnector Connector(ScriptedRelay relay, TimeProvider? clock = null, TimeSpan? connectionTimeout = null)
        => new(new RelayConnectorOptions
        {
            Relays = [relay.Address],
            TimeProvider = clock ?? TimeProvider.System,
            // A clock that leaps must not end the attempts in between.
            ConnectionTimeout = connectionTimeout ?? TimeSpan.FromDays(30),
        });

    internal static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, Cancel);
    }

    /// <summary>Moves the clock again and again, since the other side sets its next timer on a thread of its own.</summary>
    internal static Task AdvanceUntil(ManualTimeProvider clock, TimeSpan step, Func<bool> condition)
        => Until(() =>
        {
            if (clock.PendingTimers > 0)
                clock.Advance(step);
            return condition();
        });
}
