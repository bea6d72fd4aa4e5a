using System.Net;

namespace P2PCopy.Transport;

/// <summary>Joins rooms of a relay. This is the session layer's only access to the network.</summary>
internal interface IRoomConnector
{
    /// <summary>
    /// Joins a room and returns the channel when the relay has paired it with the other role. While it waits, it joins
    /// again every 45 s (varied by 20 %), and at once when the relay drains or is lost; after that, in intervals that grow from 1 s to
    /// 45 s: behind a load balancer, the other side may come to the relay that was left.
    /// </summary>
    /// <param name="join">The room and the member.</param>
    /// <param name="cancellationToken">Ends the wait. The wait time-out is the caller's.</param>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.RelayConnectFailed"/> no relay could be reached;
    /// <see cref="P2PErrorCode.RelayRefused"/> the relay refused, with its reason.
    /// </exception>
    /// <exception cref="RoomOccupiedException">The room has another member of this role.</exception>
    Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken);

    /// <summary>Joins the room of a code, like <see cref="JoinAsync"/>, at any relay where the other side may be.</summary>
    /// <returns>The channel, and what reaches its relay again.</returns>
    /// <inheritdoc cref="JoinAsync"/>
    async Task<Meeting> MeetAsync(RoomJoin join, CancellationToken cancellationToken)
        => new(await JoinAsync(join, cancellationToken).ConfigureAwait(false), this);

    /// <summary>Asks a relay where it sees a local port, over IPv4.</summary>
    /// <param name="join">A room that no one else joins, and the member.</param>
    /// <param name="localPort">The port, which other sockets share; see <see cref="Streams.SharedPort"/>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The answer; null if no relay can tell, for instance behind a proxy.</returns>
    Task<PortObservation?> ObserveAsync(RoomJoin join, int localPort, CancellationToken cancellationToken) => Task.FromResult<PortObservation?>(null);
}

/// <summary>The other side is in the room of the code.</summary>
/// <param name="Channel">The channel to it.</param>
/// <param name="Connector">Joins rooms at the same relay.</param>
internal sealed record Meeting(IMessageChannel Channel, IRoomConnector Connector);

/// <summary>A request to be paired.</summary>
/// <param name="Room">22 base64url characters.</param>
/// <param name="Role">Sender or receiver.</param>
/// <param name="Member">
/// 32 hex digits, random for each client. Each relay gets a member token that follows from it, with which a client replaces
/// its own earlier connection.
/// </param>
/// <param name="OnWaiting">Called when the relay says that the other side is not in the room; may be called again.</param>
/// <param name="OnRetry">
/// Called with the failure before a first join is attempted again. Without it, only a relay that says when to retry is
/// tried again, for a caller that has its own loop.
/// </param>
internal sealed record RoomJoin(string Room, PeerRole Role, string Member, Action? OnWaiting = null, Action<P2PException>? OnRetry = null);

/// <summary>
/// Where a relay sees a local port. The connection that asked stays open until this is disposed, so that routers keep the
/// mapping of the port.
/// </summary>
/// <param name="seen">The address and port that the relay sees.</param>
/// <param name="connection">The connection.</param>
internal sealed class PortObservation(IPEndPoint seen, IAsyncDisposable connection) : IAsyncDisposable
{
    /// <summary>The address and port that the relay sees.</summary>
    public IPEndPoint Seen => seen;

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
