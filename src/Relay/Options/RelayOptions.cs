namespace P2PCopy;

/// <summary>The listen addresses of a relay and its limits. Immutable; checked at the start.</summary>
public sealed record RelayOptions
{
    /// <summary>
    /// Listen addresses: <c>ADDRESS:PORT</c> with <c>*</c> for every address, <c>[::1]:8765</c> for IPv6, port 0 for a
    /// free port, <c>unix:/path</c>, or <c>systemd</c> for the sockets that systemd passes to a service with a socket unit.
    /// </summary>
    public IReadOnlyList<string> Listen { get; init; } = ["*:8765"];

    /// <summary>PEM file of the certificate chain for <c>wss://</c>; reloaded when it changes. Null listens on <c>ws://</c>.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of the certificate's private key; by default the file in <see cref="Certificate"/> contains it.</summary>
    public string? Key { get; init; }

    /// <summary>A separate listen address, without TLS, for <c>/metrics</c>; the other listeners then do not serve it.</summary>
    public string? MetricsListen { get; init; }

    /// <summary>A bearer token that clients must send; none by default. A string converts to it.</summary>
    public Secret? Token { get; init; }

    /// <summary>A file of tokens, one per line; <c>#</c> starts a comment. Reloaded when it changes.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Client addresses (<c>192.0.2.0/24</c>, <c>2001:db8::1</c>) that may join; empty admits all.</summary>
    public IReadOnlyList<string> AllowedAddresses { get; init; } = [];

    /// <summary>
    /// Addresses of proxies whose <c>X-Forwarded-For</c>, or PROXY header with <see cref="ProxyProtocol"/>, is trusted;
    /// <c>unix</c> stands for all clients of a Unix socket.
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Connections of <see cref="TrustedProxies"/> start with a PROXY header, version 1 or 2.</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>Size limit of a request head in bytes; 1024 to 65536.</summary>
    public int MaxHeadBytes { get; init; } = 8192;

    /// <summary>Time for a request head to arrive; 1 second to 1 hour.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for a TLS handshake; 1 second to 1 hour.</summary>
    public TimeSpan TlsTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connection limit; 1 to 1,000,000.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Connection limit per address (per /64 for IPv6); 0 is without a limit.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 1000;

    /// <summary>
    /// Joins per minute and address (/64), also as a burst; a live member that joins again does not count. 0 is without a
    /// limit.
    /// </summary>
    public int MaxJoinsPerMinutePerAddress { get; init; } = 600;

    /// <summary>Joins per minute, room and address (/64), also as a burst; rejoins do not count. 0 is without a limit.</summary>
    public int MaxJoinsPerMinutePerRoom { get; init; } = 60;

    /// <summary>Limit for rooms with a waiting member; 0 is without a limit.</summary>
    public int MaxWaitingRooms { get; init; } = 10_000;

    /// <summary>Time that a connection may wait for its pair; clients join again well before. 1 minute to 1 day.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time that a pair may send nothing, or a member may receive nothing of what is sent to it; 30 seconds to 1 day.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time that a pair may last; zero is without a limit.</summary>
    public TimeSpan SessionTimeout { get; init; }

    /// <summary>Size limit of one message in bytes; 65536 to 1,073,741,824. The relay stores no messages.</summary>
    public long MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Volume limit of a pair in bytes, both directions together; 0 is without a limit.</summary>
    public long MaxBytesPerSession { get; init; }

    /// <summary>Volume limit of the relay in bytes per day (UTC); 0 is without a limit.</summary>
    public long MaxBytesPerDay { get; init; }

    /// <summary>Rate limit of a pair in bytes per second, both directions together; 0 is without a limit.</summary>
    public long MaxRatePerSession { get; init; }

    /// <summary>Rate limit of all pairs together in bytes per second; 0 is without a limit.</summary>
    public long MaxRate { get; init; }

    /// <summary>Time for running pairs to end when the relay stops; at most a day.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time after which clients of a stopping relay join again; at most a minute.</summary>
    public TimeSpan ReconnectAfter { get; init; }

    /// <summary>
    /// Gets every event, one call at a time; must return quickly. An exception from it is counted and ignored.
    /// <see cref="RelayEvent.ToLogLine"/> makes a log line of an event.
    /// </summary>
    public Action<RelayEvent>? OnEvent { get; init; }

    /// <summary>Puts full client addresses into events instead of their networks (/24, /48).</summary>
    public bool LogAddresses { get; init; }

    /// <summary>How many lines the log behind <see cref="OnEvent"/> has dropped, for the metrics.</summary>
    internal Func<long> LostLines { get; init; } = static () => 0;

    /// <summary>The clock; replaced in tests.</summary>
    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// The rooms that may be joined; null admits all. A relay that has it is embedded: it answers joins and nothing else.
    /// </summary>
    internal Func<string, bool>? AdmitRoom { get; init; }
}
