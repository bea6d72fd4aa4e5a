namespace P2PCopy.Tests.Unit.Relay.Limits;

/// <summary>Which address of a client the limits count.</summary>
public class ClientAddressTests : RelayLimitBase
{
    [Fact]
    public async Task Only_allowed_addresses_may_join()
    {
        await using TestRelay relay = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.0/24"] });
        Assert.Contains("does not admit your address", await RefusedAsync(relay, RoomOf(1)));
        await using TestRelay open = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.0/24", "127.0.0.1"] });
        using RawClient client = await WaitAsync(open, 1);
    }

    [Fact]
    public async Task A_forwarded_address_counts_only_from_a_trusted_proxy_and_only_its_last_untrusted_hop()
    {
        await using TestRelay relay = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.7"], TrustedProxies = ["127.0.0.1", "10.0.0.0/8"] });
        using RawClient client = await RawClient.JoinAsync(relay.Address, RoomOf(1), "send", headers: "X-Forwarded-For: 203.0.113.9, 192.0.2.7, 10.1.2.3\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", await RefusedAsync(relay, RoomOf(2), headers: "X-Forwarded-For: 192.0.2.7, 203.0.113.9\r\n"));
        Assert.StartsWith("HTTP/1.1 403 ", await RefusedAsync(relay, RoomOf(2), headers: "X-Forwarded-For: nonsense, 10.1.2.3\r\n"));

        await using TestRelay distrusting = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.7"] });
        Assert.StartsWith("HTTP/1.1 403 ", await RefusedAsync(distrusting, RoomOf(1), headers: "X-Forwarded-For: 192.0.2.7\r\n"));
    }

    public static TheoryData<byte[]> ProxyHeaders => new(
        "PROXY TCP4 192.0.2.7 127.0.0.1 5000 443\r\n"u8.ToArray(),
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 15, 192, 0, 2, 7, 127, 0, 0, 1, 0x13, 0x88, 1, 0xBB, 9, 9, 9]);

    [Theory]
    [MemberData(nameof(ProxyHeaders))]
    public async Task The_PROXY_protocol_names_the_client(byte[] header)
    {
        await using TestRelay relay = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.7"], TrustedProxies = ["127.0.0.1"], ProxyProtocol = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(header);
        await client.SendAsync(RawClient.JoinHead(RoomOf(1), "send"));
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync());
    }

    [Fact]
    public async Task The_PROXY_protocol_of_a_stranger_is_not_believed()
    {
        await using TestRelay relay = await StartAsync(o => o with { AllowedAddresses = ["192.0.2.7"], TrustedProxies = ["10.0.0.0/8"], ProxyProtocol = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync("PROXY TCP4 192.0.2.7 127.0.0.1 5000 443\r\n" + RawClient.JoinHead(RoomOf(1), "send"));
        Assert.StartsWith("HTTP/1.1 400 ", await client.ReadAllAsync());
    }

    [Fact]
    public async Task A_PROXY_header_that_does_not_come_in_time_is_cut()
    {
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], ProxyProtocol = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync("PROXY TCP4 192.0.2.7");
        await TimersAsync(2);
        Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, relay.Server.OpenConnectionCount);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("", await client.ReadAllAsync());
    }

    [Theory]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("PROXY TCP4 nonsense\r\nGET / HTTP/1.1\r\n\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 127.0.0.1 5000 443 00000000000000000000000000000000000000000000000000000000000000000000000000000000\r\n")]
    public async Task A_trusted_proxy_without_a_good_PROXY_header_is_cut(string bytes)
    {
        await using TestRelay relay = await StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], ProxyProtocol = true });
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(bytes);
        Assert.Equal("", await client.ReadAllAsync());
    }
}
