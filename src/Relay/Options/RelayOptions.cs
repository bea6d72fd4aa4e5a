namespace P2PCopy;

/// <summary>How a relay listens and what it allows. Immutable; checked at the start. 0 means "no limit" where it says so.</summary>
public sealed record RelayOptions
{
    /// <summary>
    /// Where to listen: <c>ADDRESS:PORT</c> with <c>*</c> for every address, <c>[::1]:8765</c> for IPv6, port 0 for a
    /// free one, or <c>unix:/path</c>.
    /// </summary>
    public IReadOnlyList<string> Listen { get; init; } = ["*:8765"];

    /// <summary>PEM file of the certificate chain for <c>wss://</c>; read again when it changes. None: <c>ws://</c>.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of the certificate's private key; by default it is in <see cref="Certificate"/> too.</summary>
    public string? Key { get; init; }

    /// <summary>A listener of its own, without TLS, for <c>/metrics</c>, which the others then do not answer.</summary>
    public string? MetricsListen { get; init; }

    /// <summary>A bearer token that clients must show; none by default.</summary>
    public string? Token { get; init; }

    /// <summary>A file of tokens, one a line, <c>#</c> begins a comment; read again when it changes.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Client addresses (<c>192.0.2.0/24</c>, <c>2001:db8::1</c>) that may join; empty lets all in.</summary>
    public IReadOnlyList<string> AllowedAddresses { get; init; } = [];

    /// <summary>
    /// Addresses of proxies whose <c>X-Forwarded-For</c>, or PROXY header with <see cref="ProxyProtocol"/>, is believed;
    /// <c>unix</c> stands for whoever connects over a Unix socket.
    /// </summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Connections of <see cref="TrustedProxies"/> begin with a PROXY header, version 1 or 2.</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>Bytes of a request head; 1024 to 65536.</summary>
    public int MaxHeadBytes { get; init; } = 8192;

    /// <summary>Seconds for a request head to arrive; 1 to 3600.</summary>
    public int HeadTimeoutSeconds { get; init; } = 10;

    /// <summary>Seconds for a TLS handshake; 1 to 3600.</summary>
    public int TlsTimeoutSeconds { get; init; } = 10;

    /// <summary>Connections in all; 1 to 1,000,000.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Connections of one address (of one /64 for IPv6); 0 is without a limit.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 1000;

    /// <summary>
    /// Joins a minute of one address (one /64), with as many at once; a live member that joins again is not counted.
    /// 0 is without a limit.
    /// </summary>
    public int MaxJoinsPerMinutePerAddress { get; init; } = 600;

    /// <summary>Joins a minute to one room, with as many at once, rejoins not counted; 0 is without a limit.</summary>
    public int MaxJoinsPerMinutePerRoom { get; init; } = 60;

    /// <summary>Rooms in which somebody waits; 0 is without a limit.</summary>
    public int MaxWaitingRooms { get; init; } = 10_000;

    /// <summary>Seconds that one connection may wait for its pair; clients join again well before. 60 to 86400.</summary>
    public int WaitTimeoutSeconds { get; init; } = 300;

    /// <summary>Seconds a pair may be silent, or one side not take what is sent to it; 30 to 86400.</summary>
    public int IdleTimeoutSeconds { get; init; } = 300;

    /// <summary>Seconds a pair may last; 0 is without a limit.</summary>
    public int SessionTimeoutSeconds { get; init; }

    /// <summary>Bytes of one message; 65536 to 1,073,741,824. Nothing is stored: it only bounds what a client may announce.</summary>
    public long MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Bytes that a pair may move, both ways together; 0 is without a limit.</summary>
    public long MaxBytesPerSession { get; init; }

    /// <summary>Bytes that the relay moves in a day (UTC); 0 is without a limit.</summary>
    public long MaxBytesPerDay { get; init; }

    /// <summary>Bytes a second of a pair, both ways together; 0 is without a limit.</summary>
    public long MaxRatePerSession { get; init; }

    /// <summary>Bytes a second of all pairs together; 0 is without a limit.</summary>
    public long MaxRate { get; init; }

    /// <summary>Seconds that running pairs get to end when the relay stops; 0 to 86400.</summary>
    public int DrainTimeoutSeconds { get; init; } = 30;

    /// <summary>Seconds after which clients of a stopping relay shall join again; 0 to 60.</summary>
    public int ReconnectAfterSeconds { get; init; }

    /// <summary>
    /// Gets every event, one call at a time; must return quickly. An exception from it is counted and ignored.
    /// <see cref="RelayEvent.ToLogLine"/> makes a log line of an event.
    /// </summary>
    public Action<RelayEvent>? OnEvent { get; init; }

    /// <summary>Puts full client addresses into events instead of their networks (/24, /48).</summary>
    public bool LogAddresses { get; init; }

    /// <summary>The clock; replaced in tests.</summary>
    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// The rooms that may be joined; null admits all. A relay that has it is embedded: it answers joins and nothing else.
    /// </summary>
    internal Func<string, bool>? AdmitRoom { get; init; }

    /// <summary>The options without the token.</summary>
    /// <returns>A text for a log or a debugger.</returns>
    public override string ToString() => $"{nameof(RelayOptions)} {{ Listen = {string.Join(", ", Listen)}, Token = {(Token is null ? "none" : "•••")} }}";
}
