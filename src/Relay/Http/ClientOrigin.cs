namespace P2PCopy.Relay.Http;

/// <summary>The origin of a connection.</summary>
/// <param name="Peer">The socket's peer, or the client that a PROXY header named.</param>
/// <param name="MayForward">
/// Whether X-Forwarded-For may name the client. Not on a connection that began with a PROXY header: the proxy then forwards
/// bytes unchanged, so the client writes that header.
/// </param>
internal readonly record struct ClientOrigin(PeerAddress Peer, bool MayForward)
{
    /// <summary>The client of a request.</summary>
    public PeerAddress Client(RequestHead head, AddressList trustedProxies) => MayForward ? Peer.Forwarded(head, trustedProxies) : Peer;
}
