namespace P2PCopy.Transport;

/// <summary>Joins rooms of a relay. The session layer sees nothing else of the network.</summary>
internal interface IRoomConnector
{
    /// <summary>
    /// Joins a room and returns the channel once the relay has paired it with the other role. While it waits it joins
    /// again every 45 s (with jitter) and at once when the relay says that it drains.
    /// </summary>
    /// <param name="join">The room and who asks.</param>
    /// <param name="cancellationToken">Ends the wait; the caller owns the wait time-out.</param>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.RelayConnectFailed"/> when no relay could be reached,
    /// <see cref="P2PErrorCode.RelayRefused"/> when it refused, with its reason.
    /// </exception>
    /// <exception cref="RoomOccupiedException">The room has another member of this role.</exception>
    Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken);
}

/// <summary>One wish to be paired.</summary>
/// <param name="Room">22 base64url characters.</param>
/// <param name="Role">Sender or receiver.</param>
/// <param name="Member">32 hex digits, random for each client; the same token replaces its own dead connection.</param>
/// <param name="OnWaiting">Called when the relay says that the other side is not there yet; may be called again.</param>
internal sealed record RoomJoin(string Room, PeerRole Role, string Member, Action? OnWaiting = null);
