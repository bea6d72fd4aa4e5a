using P2PCopy.Session.Crypto;

namespace P2PCopy.Session.Pairing;

/// <summary>Two sides that have proved the code to each other.</summary>
/// <param name="Keys">The session's secret; the caller disposes it after every link.</param>
/// <param name="Link">The first link.</param>
/// <param name="Own">This side's hello.</param>
/// <param name="Peer">The other side's hello.</param>
internal sealed record PairingResult(SessionKeys Keys, SecureLink Link, Hello Own, Hello Peer)
{
    /// <summary>The version that both sides use: the smaller of the two.</summary>
    public ProtocolVersion Version => Peer.Version.Minor < Own.Version.Minor ? Peer.Version : Own.Version;
}
