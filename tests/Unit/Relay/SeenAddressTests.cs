using System.Net;
using System.Text;
using System.Text.Json;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>The relay tells a client from which address and port it comes, if it knows.</summary>
public sealed class SeenAddressTests
{
    [Fact]
    public async Task The_first_hint_has_the_address_and_port_of_the_socket()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawClient client = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1));
        Assert.Equal($"127.0.0.1:{client.LocalPort}", await SeenAsync(client));
        using RawClient other = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "receive", TestRelay.Member(2));
        Assert.Equal($"127.0.0.1:{other.LocalPort}", await SeenAsync(other));
    }

    [Theory]
    [InlineData("PROXY TCP4 198.51.100.7 192.0.2.1 41000 443\r\n", "198.51.100.7:41000")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 41001 443\r\n", "[2001:db8::7]:41001")]
    [InlineData("PROXY UNKNOWN\r\n", "unknown")]
    public async Task Behind_a_proxy_it_is_that_of_the_PROXY_header(string header, string seen)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], ProxyProtocol = true });
        using RawClient client = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1), before: Encoding.ASCII.GetBytes(header));
        Assert.Equal(seen, await SeenAsync(client));
    }

    [Fact]
    public async Task A_PROXY_header_of_version_2_has_a_port_too()
    {
        byte[] header =
        [
            0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12,
            198, 51, 100, 7, 192, 0, 2, 1, 0xA0, 0x28, 0x01, 0xBB,
        ];
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { TrustedProxies = ["127.0.0.1"], ProxyProtocol = true });
        using RawClient client = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1), before: header);
        Assert.Equal("198.51.100.7:41000", await SeenAsync(client));
    }

    [Theory]
    [InlineData("X-Forwarded-For: 198.51.100.7")]
    [InlineData("Forwarded: for=198.51.100.7")]
    [InlineData("Via: 1.1 proxy")]
    public async Task A_proxy_that_gives_no_port_makes_it_unknown(string header)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawClient client = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", TestRelay.Member(1), headers: header + "\r\n");
        Assert.Equal("unknown", await SeenAsync(client));
    }

    [Theory]
    [InlineData("203.0.113.5:41000", "203.0.113.5:41000")]
    [InlineData("[2001:db8::7]:41000", "[2001:db8::7]:41000")]
    [InlineData("unknown", null)]
    [InlineData("203.0.113.5", null)]
    [InlineData("", null)]
    public void A_client_reads_what_the_relay_says(string text, string? seen)
    {
        P2PCopy.Transport.RelayHint hint = P2PCopy.Transport.RelayHint.Parse(Encoding.ASCII.GetBytes($$"""{"hint":"waiting","seen":"{{text}}"}"""));
        Assert.Equal(P2PCopy.Transport.RelayHintKind.Waiting, hint.Kind);
        Assert.Equal(seen is null ? null : IPEndPoint.Parse(seen), hint.Seen);
    }

    [Theory]
    [InlineData("""{"hint":"peer-left","seen":"\ud800"}""")]
    [InlineData("""{"hint":"\udc00"}""")]
    public void A_hint_that_is_no_Unicode_is_one_that_this_version_does_not_know(string text)
        => Assert.Equal(P2PCopy.Transport.RelayHintKind.Unknown, P2PCopy.Transport.RelayHint.Parse(Encoding.ASCII.GetBytes(text)).Kind);

    private static async Task<string?> SeenAsync(RawClient client)
    {
        (_, _, byte[] payload) = (await client.ReadFrameAsync())!.Value;
        using JsonDocument hint = JsonDocument.Parse(payload);
        return hint.RootElement.GetProperty("seen").GetString();
    }
}
