using System.Net;

namespace P2PCopy.Relay.Http;

/// <summary>The origin of a connection.</summary>
/// <param name="Peer">The socket's peer, or the client that a PROXY header named.</param>
/// <param name="MayForward">
/// Whether X-Forwarded-For may name the client. Not on a connection that began with a PROXY header: the proxy then forwards
/// bytes unchanged, so the client writes that header.
/// </param>
/// <param name="Port">The port of <paramref name="Peer"/>; 0 if it is not known.</param>
internal readonly record struct ClientOrigin(PeerAddress Peer, bool MayForward, int Port)
{
    /// <summary>The client of a request.</summary>
    public PeerAddress Client(RequestHead head, AddressList trustedProxies) => MayForward ? Peer.Forwarded(head, trustedProxies) : Peer;

    /// <summary>The address and port of the client; null if they are those of a proxy, or not known.</summary>
    public IPEndPoint? Seen(RequestHead head)
        => Peer.Address is { } address && Port != 0 && !(MayForward && IsForwarded(head)) ? new IPEndPoint(address, Port) : null;

    // A proxy that adds such a header hides the port of its client, also one that is not trusted to name the address.
    private static bool IsForwarded(RequestHead head) => head.List("X-Forwarded-For").Concat(head.List("Forwarded")).Concat(head.List("Via")).Any();
}
