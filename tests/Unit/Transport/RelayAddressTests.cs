using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Transport;

public sealed class RelayAddressTests
{
    [Theory]
    [InlineData("wss://Relay.Example/", "wss://relay.example", "wss://relay.example:443")]
    [InlineData("https://relay.example:443/prefix/", "https://relay.example/prefix", "wss://relay.example:443")]
    [InlineData("ws://192.0.2.7:8765", "ws://192.0.2.7:8765", "ws://192.0.2.7:8765")]
    [InlineData("ws://[fe80::1%eth0]:8765", "ws://[fe80::1%eth0]:8765", "ws://[fe80::1%eth0]:8765")]
    public void An_address_is_shown_whole_and_has_an_origin(string address, string shown, string origin)
    {
        Assert.Equal(shown, RelayAddress.Show(new Uri(address)));
        Assert.Equal(origin, RelayAddress.Origin(new Uri(address)));
    }

    [Theory]
    [InlineData("ws://[fe80::1%eth0]:8765", "fe80::1%eth0")]
    [InlineData("ws://[fe80::1%25eth0]:8765", "fe80::1%eth0")]
    [InlineData("ws://[fe80::1%3]:8765", "fe80::1%3")]
    public void The_zone_of_a_link_local_address_is_dialled_and_not_sent(string address, string dialled)
    {
        Uri room = RelayAddress.ForRoom(new Uri(address), new RoomJoin("ABCDEFGHIJKLMNOPQRSTU-", PeerRole.Send, new string('0', 32)));

        Assert.Equal(dialled, RelayAddress.HostToDial(room));
        Assert.Equal("[fe80::1]:8765", RelayAddress.HostHeader(room));
        Assert.Equal("fe80::1", RelayAddress.HostWithoutZone(room));
        Assert.StartsWith("/p2p/ABCDEFGHIJKLMNOPQRSTU-?role=send&member=", room.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public void The_member_token_of_a_relay_is_an_HMAC_of_its_origin()
    {
        const string Secret = "00112233445566778899aabbccddeeff";

        // printf %s wss://relay.example:443 | openssl dgst -sha256 -hmac 00112233445566778899aabbccddeeff
        Assert.Equal("f5b98f03735655ecc9cb6596fa23df89", RelayAddress.MemberAt(new Uri("wss://relay.example/some/prefix"), Secret));
        Assert.NotEqual(
            RelayAddress.MemberAt(new Uri("wss://relay.example"), Secret),
            RelayAddress.MemberAt(new Uri("wss://relay.example:444"), Secret));
    }
}
