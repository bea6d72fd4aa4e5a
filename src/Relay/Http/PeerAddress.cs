using System.Globalization;
using System.Net;
using P2PCopy.Relay.Limits;

namespace P2PCopy.Relay.Http;

/// <summary>Where a connection comes from; without an address for a Unix socket or another host's stream.</summary>
internal readonly record struct PeerAddress(IPAddress? Address)
{
    /// <summary>From a socket's endpoint; IPv4 that came over an IPv6 socket is IPv4.</summary>
    public static PeerAddress Of(EndPoint? endpoint) => endpoint is IPEndPoint ip ? Of(ip.Address) : default;

    public static PeerAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        // A scope is a matter of this machine, not of the peer.
        return new PeerAddress(address.ScopeIdOrZero() == 0 ? address : new IPAddress(address.GetAddressBytes()));
    }

    /// <summary>
    /// What limits are counted by: an IPv4 address, or the /64 of an IPv6 one, since a whole /64 usually belongs to one.
    /// </summary>
    public string Group => Network(32, 64);

    /// <summary>What a log may show: the /24 or /48.</summary>
    public string Shown => Network(24, 48);

    public override string ToString() => Address?.ToString() ?? "local";

    /// <summary>
    /// The client that trusted proxies name: the last address of X-Forwarded-For that is not itself a trusted proxy. What
    /// stands further left anybody may have written.
    /// </summary>
    public PeerAddress Forwarded(RequestHead head, AddressList trustedProxies)
    {
        PeerAddress client = this;
        foreach (string hop in head.List("X-Forwarded-For").Reverse())
        {
            if (!trustedProxies.Contains(client) || !IPAddress.TryParse(hop, out IPAddress? address))
                break;
            client = Of(address);
        }

        return client;
    }

    private string Network(int bits4, int bits6)
    {
        if (Address is null)
            return "local";
        int bits = Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? bits4 : bits6;
        byte[] bytes = Address.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        var network = new IPAddress(bytes);
        return bits == 32 ? network.ToString() : string.Create(CultureInfo.InvariantCulture, $"{network}/{bits}");
    }
}

file static class AddressScope
{
    public static long ScopeIdOrZero(this IPAddress address)
        => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
