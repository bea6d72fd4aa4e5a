using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using P2PCopy.Relay.Events;
using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Limits;

/// <summary>Decides which clients may connect and join, and why others may not. Safe to use from any thread.</summary>
internal sealed class Admission
{
    // Wrong tokens and unknown rooms of one address. A correct client fails once and stops.
    private const int FailuresPerMinute = 60;

    private readonly RelayOptions _options;
    private readonly Traffic _traffic;
    private readonly Func<JoinRequest, bool> _isReturning;
    private readonly Func<JoinRequest, bool> _isReplacing;
    private readonly AddressList _allowed;
    private readonly ConnectionCounts _connections;
    private readonly RateLimiter _joinsByAddress;
    // By room and address: another address that knows the room cannot use up the joins.
    private readonly RateLimiter _joinsByRoom;
    private readonly RateLimiter _failuresByAddress;
    private volatile bool _draining;

    /// <param name="options">The limits.</param>
    /// <param name="traffic">The bytes of the day.</param>
    /// <param name="events">Gets the reloads of the token file.</param>
    /// <param name="isReturning">Whether a join is exempt from the rates because its member was in this room before.</param>
    /// <param name="isReplacing">Whether a join takes the place of a connection of the same member that is still there.</param>
    public Admission(RelayOptions options, Traffic traffic, EventLog events, Func<JoinRequest, bool> isReturning, Func<JoinRequest, bool> isReplacing)
    {
        _options = options;
        _traffic = traffic;
        _isReturning = isReturning;
        _isReplacing = isReplacing;
        _allowed = new AddressList(options.AllowedAddresses, nameof(options.AllowedAddresses));
        TrustedProxies = new AddressList(options.TrustedProxies, nameof(options.TrustedProxies));
        Tokens = new Tokens(options, events);
        _connections = new ConnectionCounts(options.MaxConnections, options.MaxConnectionsPerAddress, HandleLimit.Connections());
        _joinsByAddress = new RateLimiter(options.MaxJoinsPerMinutePerAddress, options.TimeProvider);
        _joinsByRoom = new RateLimiter(options.MaxJoinsPerMinutePerRoom, options.TimeProvider);
        _failuresByAddress = new RateLimiter(FailuresPerMinute, options.TimeProvider);
    }

    public AddressList TrustedProxies { get; }

    /// <summary>Open connections, joined or not.</summary>
    public int Connections => _connections.All;

    /// <summary>The limit for all connections, by the options and the system.</summary>
    public int MaxConnections => _connections.Max;

    /// <summary>Whether the relay is about to stop and refuses joins.</summary>
    public bool IsDraining => _draining;

    /// <summary>The tokens.</summary>
    public Tokens Tokens { get; }

    private Refusal Full => new(503, "full", string.Create(CultureInfo.InvariantCulture, $"This relay has {MaxConnections} connections, which is all it allows."), Refusal.ComeLater, 5);

    /// <summary>Refuses joins from now on.</summary>
    public void Drain() => _draining = true;

    /// <summary>Counts a new connection; null when there are too many even to refuse it with a reason.</summary>
    public ConnectionCounts.Lease? Accept(PeerAddress peer) => _connections.Add(TrustedProxies.Contains(peer) ? null : peer.Group);

    /// <summary>Counts a connection for the client that a PROXY header names; false when that address has too many.</summary>
    public bool Identify(PeerAddress client, ConnectionCounts.Lease lease)
        => TrustedProxies.Contains(client) || _connections.TryAssign(lease, client.Group);

    /// <summary>Why a client may not join; null when it may, and its token is then in use until it leaves.</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="lease">Its connection.</param>
    /// <param name="join">Its request.</param>
    /// <param name="token">The use of its token, if that has a name.</param>
    public Refusal? Enter(PeerAddress client, ConnectionCounts.Lease lease, JoinRequest join, out TokenUse? token)
    {
        Refusal? refusal = Check(client, join, out token);
        if (refusal is not null)
            return refusal;
        if (!_connections.TryJoin(lease, client.Group))
        {
            return new Refusal(429, "address", string.Create(
                CultureInfo.InvariantCulture,
                $"There are {_options.MaxConnectionsPerAddress} connections from this address already, which is all this relay allows."), "End some of them, or try again later.", 30);
        }

        return token is null || token.TryEnter(_isReplacing(join), out refusal) ? null : refusal;
    }

    /// <summary>Whether the relay accepts joins.</summary>
    public bool IsReady([NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = IsDraining ? Refusal.Draining
            : _connections.IsFull ? Full
            : _traffic.IsDailyLimitReached ? new Refusal(503, "day", "This relay has reached its daily limit of bytes.", "Try again tomorrow (UTC), or use another relay.", _traffic.SecondsToNextDay)
            : null;
        return refusal is null;
    }

    /// <summary>Called once a second.</summary>
    public void Tick()
    {
        _joinsByAddress.Tick();
        _joinsByRoom.Tick();
        _failuresByAddress.Tick();
        Tokens.Tick();
    }

    private Refusal? Check(PeerAddress client, JoinRequest join, out TokenUse? token)
    {
        token = null;
        if (!IsReady(out Refusal? notReady))
            return notReady;
        if (!_allowed.IsEmpty && !_allowed.Contains(client))
            return new Refusal(403, "forbidden", "This relay does not admit your address.", "Ask its operator.");
        // Before the token and the room are checked: a refused guess reveals nothing.
        if (_failuresByAddress.IsExceeded(client.Group))
            return new Refusal(429, "failures", "Your address sent too many wrong tokens or codes.", "Wait and try again.", _failuresByAddress.RetryAfterSeconds);
        if (RoomProblem(join.Room) is { } roomProblem)
            return Failed(client, roomProblem);
        if (Tokens.Check(join.Token, out token) is { } tokenProblem)
            return Failed(client, tokenProblem);
        if (_isReturning(join))
            return null;
        return Take(_joinsByAddress, client.Group, "your address") ?? Take(_joinsByRoom, $"{join.Room} {client.Group}", "the room of this code");
    }

    private Refusal Failed(PeerAddress client, Refusal refusal)
    {
        _failuresByAddress.TryTake(client.Group);
        return refusal;
    }

    private Refusal? RoomProblem(string room)
        => _options.AdmitRoom is { } admit && !admit(room)
            ? new Refusal(403, "forbidden", "This relay serves one transfer only, which has another code.", "Check the code.")
            : null;

    private static Refusal? Take(RateLimiter rate, string key, string of) => rate.TryTake(key)
        ? null
        : new Refusal(429, "rate", string.Create(CultureInfo.InvariantCulture, $"There were more than {rate.PerMinute} joins a minute from {of}."), "Wait and try again.", rate.RetryAfterSeconds);
}
