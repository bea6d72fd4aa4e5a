using P2PCopy.Session.Crypto;
using P2PCopy.Transport;

namespace P2PCopy.Session.Pairing;

/// <summary>Two sides that have proved the code to each other. It owns the session's secret and the first link until it is disposed.</summary>
/// <param name="Keys">The session's secret.</param>
/// <param name="Link">The first link.</param>
/// <param name="Own">This side's hello.</param>
/// <param name="Peer">The other side's hello.</param>
internal sealed record PairingResult(SessionKeys Keys, SecureLink Link, Hello Own, Hello Peer) : IAsyncDisposable
{
    /// <summary>Reaches the relay of the pairing again, for the later connections of the session; null for that of the context.</summary>
    public IRoomConnector? Connector { get; init; }

    /// <summary>The version that both sides use: the smaller of the two.</summary>
    public ProtocolVersion Version => Peer.Version.Minor < Own.Version.Minor ? Peer.Version : Own.Version;

    /// <summary>Closes the link and clears the secret. Later calls do nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync().ConfigureAwait(false);
        Keys.Dispose();
    }
}
