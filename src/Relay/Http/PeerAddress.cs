using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace P2PCopy.Relay.Http;

/// <summary>The address of a client or a proxy; a Unix socket has none.</summary>
internal readonly record struct PeerAddress(IPAddress? Address)
{
    /// <summary>The address of a socket's endpoint. IPv4 over an IPv6 socket becomes IPv4.</summary>
    public static PeerAddress Of(EndPoint? endpoint) => endpoint is IPEndPoint ip ? Of(ip.Address) : default;

    public static PeerAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        // A scope identifies an interface of this machine, not the client.
        bool hasScope = address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0;
        return new PeerAddress(hasScope ? new IPAddress(address.GetAddressBytes()) : address);
    }

    /// <summary>The key of limits: an IPv4 address, or the /64 of an IPv6 address, since one client usually has a whole /64.</summary>
    public string Group => Network(32, 64);

    /// <summary>The part that a log may contain: the /24 or /48.</summary>
    public string Shown => Network(24, 48);

    public override string ToString() => Address?.ToString() ?? "local";

    /// <summary>
    /// The client that trusted proxies name: the last address of X-Forwarded-For that is not a trusted proxy. A client can write
    /// anything further left.
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
        int bits = Address.AddressFamily == AddressFamily.InterNetwork ? bits4 : bits6;
        byte[] bytes = Address.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        var network = new IPAddress(bytes);
        return bits == 32 ? network.ToString() : string.Create(CultureInfo.InvariantCulture, $"{network}/{bits}");
    }
}
