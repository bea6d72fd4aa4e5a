using System.Net;
using P2PCopy.Transport;

namespace P2PCopy.Session.Pairing;

/// <summary>The settings of a session: how it pairs, runs and reconnects.</summary>
internal sealed record SessionContext
{
    public required PeerRole Role { get; init; }

    public required PairingCode Code { get; init; }

    public required IRoomConnector Connector { get; init; }

    /// <summary>Random for each client: the same token replaces its own dead connection at the relay.</summary>
    public required string Member { get; init; }

    public required bool EncryptPayload { get; init; }

    /// <summary>The protocol version in this side's hello.</summary>
    public required ProtocolVersion Version { get; init; }

    /// <summary>Counts guesses at the code, over all pairings of this run and, in a standing receiver, over all its transfers.</summary>
    public required GuessLedger Guesses { get; init; }

    /// <summary>How long to wait for the other side; <see cref="Timeout.InfiniteTimeSpan"/> waits without a limit.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How the session makes direct connections.</summary>
    public DirectSettings Direct { get; init; } = DirectSettings.None;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public required ISessionObserver Observer { get; init; }
}

/// <summary>Receives the events of the connection. Calls come from any thread and must return quickly.</summary>
internal interface ISessionObserver
{
    void Waiting();

    /// <summary>The relay could not be joined; another attempt follows.</summary>
    void JoinFailed(P2PException reason)
    {
    }

    /// <summary>The other side used a different code; new attempts are blocked for <paramref name="backOff"/>.</summary>
    void WrongCode(int attempts, TimeSpan backOff);

    void Paired();

    void Reconnecting(string reason);

    void Reconnected();

    /// <summary>Content is now sent over another path: directly to an address, or through the relay if it is null.</summary>
    void PathChanged(IPAddress? direct)
    {
    }

    /// <summary>An address of the other side is dialled.</summary>
    void Dialling(IPEndPoint address)
    {
    }

    /// <summary>Direct connections are not possible here, for a reason that a user can change.</summary>
    void DirectFailed(string reason)
    {
    }

    /// <summary>Rooms that this session will use; an embedded relay must admit them.</summary>
    void RoomsNeeded(IEnumerable<string> rooms);
}
