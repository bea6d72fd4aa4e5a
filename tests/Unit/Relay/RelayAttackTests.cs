using System.Globalization;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>Attacks on the limits of a relay: each one succeeded against an earlier version.</summary>
public class RelayAttackTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task A_pair_of_ones_own_exempts_its_members_from_no_limit_in_other_rooms()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxJoinsPerMinutePerAddress = 10, MaxJoinsPerMinutePerRoom = 5 });
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (receiver)
        using (sender)
        {
            await sender.SendAsync(RawClient.Frame(2, new byte[100_000]));
            for (int received = 0; received < 100_000;)
                received += (await receiver.ReadFrameAsync())!.Value.Payload.Length;
            await TestRelay.Until(() => relay.Server.Hub.Members.Any(m => m.Session!.Bytes >= 100_000));
        }

        await TestRelay.Until(() => relay.Server.Hub.MemberCount == 0);
        int admitted = 0;
        for (int room = 0; room < 60; room++)
            admitted += await JoinAsync(relay, RoomOf(room), TestRelay.Member(1)) == 101 ? 1 : 0;
        Assert.InRange(admitted, 0, 8);

        // The members may return to their own room.
        Assert.Equal(101, await JoinAsync(relay, TestRelay.Room, TestRelay.Member(1)));
    }

    [Fact]
    public async Task A_member_cannot_join_its_own_room_again_without_limit()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxJoinsPerMinutePerAddress = 10, MaxJoinsPerMinutePerRoom = 10 });
        using RawClient waiting = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1));
        int admitted = 0;
        RawClient? last = null;
        for (int i = 0; i < 200; i++)
        {
            RawClient next = await RawClient.ConnectAsync(relay.Address);
            await next.SendAsync(RawClient.JoinHead(TestRelay.Room, "send", TestRelay.Member(1)));
            if ((await next.ReadHeadAsync()).StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
            {
                admitted++;
                last?.Dispose();
                last = next;
            }
            else
            {
                next.Dispose();
            }
        }

        last?.Dispose();
        Assert.InRange(admitted, 100, 140);
    }

    [Fact]
    public async Task Wrong_tokens_of_one_address_are_limited_before_the_token_is_checked_and_reported_together()
    {
        await using TestRelay relay = await StartAsync(o => o with { Token = "right" });
        int checkedTokens = 0;
        for (int i = 0; i < 300; i++)
            checkedTokens += await JoinAsync(relay, RoomOf(i), token: $"guess{i}") == 401 ? 1 : 0;
        Assert.Equal(60, checkedTokens);

        // The right token is not recognised either, or the limit would confirm it.
        Assert.Equal(429, await JoinAsync(relay, RoomOf(1), token: "right"));
        Assert.Equal(2, Refusals(relay).Count);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(4, Refusals(relay).Count);
        Assert.Equal(301, Refusals(relay).Sum(r => r.Count));

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(101, await JoinAsync(relay, RoomOf(1), token: "right"));
    }

    [Fact]
    public async Task Guessed_rooms_of_an_embedded_relay_are_limited()
    {
        await using TestRelay relay = await StartAsync(o => o with { AdmitRoom = room => room == TestRelay.Room });
        int checkedRooms = 0;
        for (int i = 0; i < 300; i++)
            checkedRooms += await JoinAsync(relay, RoomOf(i)) == 403 ? 1 : 0;
        Assert.Equal(60, checkedRooms);
        Assert.Equal(429, await JoinAsync(relay, TestRelay.Room));
    }

    [Fact]
    public async Task An_embedded_relay_answers_joins_and_nothing_else()
    {
        await using TestRelay relay = await StartAsync(o => o with { AdmitRoom = room => room == TestRelay.Room });
        foreach (string path in (string[])["/metrics", "/healthz", "/readyz", "/"])
        {
            using RawClient client = await RawClient.ConnectAsync(relay.Address);
            await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 404 ", await client.ReadAllAsync());
        }

        Assert.Equal(101, await JoinAsync(relay, TestRelay.Room));
    }

    /// <summary>A proxy in front may deny this one path, and must not be misled about what it is.</summary>
    [Theory]
    [InlineData("//metrics")]
    [InlineData("/./metrics")]
    [InlineData("/p2p/../metrics")]
    [InlineData("/p2p/..;/metrics")]
    [InlineData("/%6detrics")]
    [InlineData("/metrics;a=b")]
    [InlineData("/metrics/")]
    [InlineData("/METRICS")]
    [InlineData("/x/p2p/../../metrics")]
    [InlineData("http://x/metrics")]
    public async Task The_metrics_have_one_path(string path)
    {
        await using TestRelay relay = await StartAsync(o => o);
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.DoesNotContain("p2pcopy_relay", await client.ReadAllAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_of_equal_refusals_costs_few_log_lines_also_from_many_networks()
    {
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], Token = "right" });
        for (int i = 0; i < 600; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(relay.Address);
            await client.SendAsync(RawClient.JoinHead(RoomOf(1), "send", headers: $"X-Forwarded-For: 203.{i / 256}.{i % 256}.1\r\n"));
            await client.ReadAllAsync();
        }

        Assert.InRange(Refusals(relay).Count, 200, 256);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(600, Refusals(relay).Sum(r => r.Count));
    }

    public static TheoryData<string, byte[]> HeadersWithoutAClient => new()
    {
        { "UNKNOWN", "PROXY UNKNOWN\r\n"u8.ToArray() },
        { "UNKNOWN with addresses", "PROXY UNKNOWN 192.0.2.7 127.0.0.1 5000 443\r\n"u8.ToArray() },
        { "unspecified address", "PROXY TCP4 0.0.0.0 127.0.0.1 5000 443\r\n"u8.ToArray() },
        { "unspecified IPv6 address", "PROXY TCP6 :: ::1 5000 443\r\n"u8.ToArray() },
        { "LOCAL", Version2(0x20, 0x00) },
        { "LOCAL with addresses", Version2(0x20, 0x11, 192, 0, 2, 7, 127, 0, 0, 1, 0x13, 0x88, 1, 0xBB) },
        { "unspecified family", Version2(0x21, 0x00) },
        { "Unix family", Version2(0x21, 0x31, new byte[216]) },
        { "unspecified address, version 2", Version2(0x21, 0x11, 0, 0, 0, 0, 127, 0, 0, 1, 0x13, 0x88, 1, 0xBB) },
        { "the proxy itself", "PROXY TCP4 127.0.0.1 127.0.0.1 5000 443\r\n"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(HeadersWithoutAClient))]
    public async Task Behind_the_PROXY_protocol_a_client_cannot_choose_its_own_address(string what, byte[] header)
    {
        await using TestRelay relay = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.7"], TrustedProxies = ["127.0.0.1"], ProxyProtocol = true, LogAddresses = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(header);
        await client.SendAsync(RawClient.JoinHead(RoomOf(1), "send", headers: "X-Forwarded-For: 192.0.2.7\r\n"));
        string answer = await client.ReadHeadAsync();
        Assert.True(answer.StartsWith("HTTP/1.1 403 ", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.Equal("127.0.0.1", Assert.Single(Refusals(relay)).Client);
    }

    public static TheoryData<byte[]> ShortHeaders => new(
        Version2(0x21, 0x11, 192, 0, 2),
        Version2(0x21, 0x21, 0x20, 1, 0x0D, 0xB8),
        Version2(0x22, 0x11, 192, 0, 2, 7, 127, 0, 0, 1, 0x13, 0x88, 1, 0xBB),
        "PROXY TCP4 2001:db8::1 ::1 5000 443\r\n"u8.ToArray());

    [Theory]
    [MemberData(nameof(ShortHeaders))]
    public async Task A_PROXY_header_that_is_too_short_or_contradicts_itself_ends_the_connection(byte[] header)
    {
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], ProxyProtocol = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(header);
        try
        {
            await client.SendAsync(RawClient.JoinHead(RoomOf(1), "send", headers: "X-Forwarded-For: 192.0.2.7\r\n"));
        }
        catch (IOException)
        {
            // Closed already.
        }

        Assert.Equal("", await client.ReadAllAsync());
    }

    [Fact]
    public async Task Connections_of_one_client_are_limited_behind_the_PROXY_protocol_too()
    {
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], ProxyProtocol = true, MaxConnectionsPerAddress = 2 });
        var open = new List<RawClient>();
        try
        {
            for (int room = 0; room < 3; room++)
            {
                RawClient client = await RawClient.ConnectAsync(relay.Address);
                open.Add(client);
                await client.SendAsync("PROXY TCP4 192.0.2.7 127.0.0.1 5000 443\r\n" + RawClient.JoinHead(RoomOf(room), "send"));
                Assert.StartsWith(room < 2 ? "HTTP/1.1 101 " : "HTTP/1.1 429 ", await client.ReadHeadAsync());
            }
        }
        finally
        {
            open.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task A_refusal_behind_a_proxy_is_logged_with_the_client()
    {
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], Token = "right", LogAddresses = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(RawClient.JoinHead(RoomOf(1), "send", headers: "X-Forwarded-For: 203.0.113.9\r\n"));
        await client.ReadAllAsync();
        Assert.Equal("203.0.113.9", Assert.Single(Refusals(relay)).Client);
    }

    private static byte[] Version2(byte command, byte family, params byte[] body)
        => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, command, family, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static List<RelayEvent.Refused> Refusals(TestRelay relay)
    {
        lock (relay.Log)
            return [.. relay.Events.OfType<RelayEvent.Refused>()];
    }

    private static string RoomOf(int number) => number.ToString("D22", CultureInfo.InvariantCulture);

    private static async Task<int> JoinAsync(TestRelay relay, string room, string? member = null, string? token = null)
    {
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(RawClient.JoinHead(room, "send", member ?? TestRelay.Member(3), token is null ? "" : $"Authorization: Bearer {token}\r\n"));
        string head = await client.ReadHeadAsync();
        return int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
    }

    private Task<TestRelay> StartAsync(Func<RelayOptions, RelayOptions>? change = null) => TestRelay.StartAsync(change, _clock);
}
