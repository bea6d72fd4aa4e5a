using P2PCopy.Transport;

namespace P2PCopy.Session.Pairing;

/// <summary>What a session needs to know to pair, to run and to find its peer again.</summary>
internal sealed record SessionContext
{
    public required PeerRole Role { get; init; }

    public required PairingCode Code { get; init; }

    public required IRoomConnector Connector { get; init; }

    /// <summary>Random for each client: the same token replaces its own dead connection at the relay.</summary>
    public required string Member { get; init; }

    public required bool EncryptPayload { get; init; }

    /// <summary>What this side says it speaks.</summary>
    public required ProtocolVersion Version { get; init; }

    /// <summary>Wrong guesses after which pairing ends: 1 when the code was given, more when it was made here; 0 never ends.</summary>
    public int WrongCodeLimit { get; init; } = 1;

    /// <summary>What is remembered of wrong guesses, also beyond this session.</summary>
    public required GuessLedger Guesses { get; init; }

    /// <summary>How long to wait for the other side; infinite is <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public required ISessionObserver Observer { get; init; }
}

/// <summary>Told what happens to the connection. Calls come from any thread and must return quickly.</summary>
internal interface ISessionObserver
{
    void Waiting();

    /// <summary>Somebody came with a wrong code; nobody is let in for <paramref name="backOff"/>.</summary>
    void WrongCode(int attempts, TimeSpan backOff);

    void Paired();

    void Reconnecting(string reason);

    void Reconnected();

    /// <summary>Rooms that this session is going to use; an embedded relay has to let them in.</summary>
    void RoomsNeeded(IEnumerable<string> rooms);
}
