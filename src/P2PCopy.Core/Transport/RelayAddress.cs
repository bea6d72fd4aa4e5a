using System.Security.Cryptography;
using System.Text;

namespace P2PCopy.Transport;

/// <summary>
/// The address of a relay in its different forms. <see cref="Uri"/> keeps the zone of a link-local address (RFC 4007) only
/// in <see cref="Uri.IdnHost"/>; without the zone such an address cannot be dialled.
/// </summary>
internal static class RelayAddress
{
    /// <summary>An address as messages show it: scheme, host, port and prefix.</summary>
    public static string Show(Uri relay) => (relay.Scheme + "://" + Authority(relay) + relay.AbsolutePath).TrimEnd('/');

    /// <summary>
    /// The identity of a relay: <c>ws</c> or <c>wss</c>, host and port. Two addresses with one origin belong to one operator.
    /// </summary>
    public static string Origin(Uri relay) => $"{(IsSecure(relay) ? "wss" : "ws")}://{Bracketed(relay)}:{relay.Port}";

    /// <summary>The address that joins a room.</summary>
    public static Uri ForRoom(Uri relay, RoomJoin join) => new(
        $"{(IsSecure(relay) ? "wss" : "ws")}://{Authority(relay)}{relay.AbsolutePath.TrimEnd('/')}{RelayProtocol.RoomPath}{join.Room}"
        + $"?role={(join.Role == PeerRole.Send ? "send" : "receive")}&member={MemberAt(relay, join.Member)}");

    /// <summary>
    /// The member token for one relay. Each relay gets a different one, so a relay can neither replace a member at another
    /// relay nor recognise it there.
    /// </summary>
    /// <param name="relay">The relay.</param>
    /// <param name="secret">The secret of the client, the same at every join.</param>
    public static string MemberAt(Uri relay, string secret)
    {
        byte[] hash = HMACSHA256.HashData(Encoding.ASCII.GetBytes(secret), Encoding.UTF8.GetBytes(Origin(relay)));
        return Convert.ToHexStringLower(hash.AsSpan(0, RelayProtocol.MemberLength / 2));
    }

    /// <summary>The host without a zone, for HTTP and TLS: a zone has a meaning only on this machine.</summary>
    public static string HostWithoutZone(Uri address) => address.IdnHost.Split('%')[0];

    /// <summary>The host in the form of the system, with its zone, in which a URI may write the percent sign as <c>%25</c> (RFC 6874).</summary>
    public static string HostToDial(Uri address) => address.IdnHost.Replace("%25", "%", StringComparison.Ordinal);

    /// <summary>The value of the header <c>Host</c>.</summary>
    public static string HostHeader(Uri address)
        => (address.HostNameType == UriHostNameType.IPv6 ? $"[{HostWithoutZone(address)}]" : address.IdnHost)
            + (address.IsDefaultPort ? string.Empty : $":{address.Port}");

    private static bool IsSecure(Uri relay) => relay.Scheme is "wss" or "https";

    private static string Authority(Uri relay) => Bracketed(relay) + (relay.IsDefaultPort ? string.Empty : $":{relay.Port}");

    private static string Bracketed(Uri relay) => relay.HostNameType == UriHostNameType.IPv6 ? $"[{relay.IdnHost}]" : relay.IdnHost;
}
