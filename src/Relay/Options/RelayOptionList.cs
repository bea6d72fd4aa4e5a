using P2PCopy.Primitives;
using P2PCopy.Primitives.Options;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Options;

/// <summary>The options of a relay.</summary>
internal static class RelayOptionList
{
    public static IReadOnlyList<OptionDefinitionOf<RelayOptions>> All { get; } =
    [
        new ListOption<RelayOptions, string>(
            nameof(RelayOptions.Listen), "Listen address: ADDRESS:PORT, *:PORT, [::1]:PORT (port 0 uses a free port), unix:/path, or systemd for the sockets of a socket unit", "an address and a port",
            text => text, o => o.Listen, (o, v) => o with { Listen = v })
        { ValueName = "address:port" },
        File(nameof(RelayOptions.Certificate), "PEM file of the certificate chain for wss://; reloaded when it changes", "none, ws://",
            o => o.Certificate, (o, v) => o with { Certificate = v }),
        File(nameof(RelayOptions.Key), "PEM file of the private key", "the file of the certificate",
            o => o.Key, (o, v) => o with { Key = v }),
        new TextOption<RelayOptions, Secret>(
            nameof(RelayOptions.Token), "Bearer token that clients must send", "printable ASCII characters without spaces",
            text => new Secret(text), o => o.Token, (o, v) => o with { Token = v }, token => RelayConnector.IsHeaderText(token.Reveal()))
        { ValueName = "token", Variable = "P2PCOPY_TOKEN", IsSecret = true },
        File(nameof(RelayOptions.TokenFile), "File of tokens, one per line; reloaded when it changes", null,
            o => o.TokenFile, (o, v) => o with { TokenFile = v }),
        new TextOption<RelayOptions, string>(
            nameof(RelayOptions.MetricsListen), "Separate listen address for /metrics", "an address and a port",
            text => text, o => o.MetricsListen, (o, v) => o with { MetricsListen = v })
        { ValueName = "address:port" },
        new ListOption<RelayOptions, string>(
            nameof(RelayOptions.AllowedAddresses), "Client address or network that may join", "an address or a network",
            text => text, o => o.AllowedAddresses, (o, v) => o with { AllowedAddresses = v })
        { ValueName = "address[/bits]", DefaultNote = "all" },
        new ListOption<RelayOptions, string>(
            nameof(RelayOptions.TrustedProxies), "Proxy whose X-Forwarded-For or PROXY header is trusted", "an address or a network",
            text => text, o => o.TrustedProxies, (o, v) => o with { TrustedProxies = v })
        { ValueName = "address[/bits]" },
        new FlagOption<RelayOptions>(
            nameof(RelayOptions.ProxyProtocol), "Connections of trusted proxies start with a PROXY header",
            o => o.ProxyProtocol, (o, v) => o with { ProxyProtocol = v }),
        Count(nameof(RelayOptions.MaxHeadBytes), "Size limit of a request head, in bytes", OptionLimits.MinHeadBytes, OptionLimits.MaxHeadBytes,
            o => o.MaxHeadBytes, (o, v) => o with { MaxHeadBytes = v }),
        Duration(nameof(RelayOptions.HeadTimeout), "Time for a request head to arrive", (OptionLimits.MinRequestTimeout, OptionLimits.MaxRequestTimeout),
            o => o.HeadTimeout, (o, v) => o with { HeadTimeout = v }),
        Duration(nameof(RelayOptions.TlsTimeout), "Time for a TLS handshake", (OptionLimits.MinRequestTimeout, OptionLimits.MaxRequestTimeout),
            o => o.TlsTimeout, (o, v) => o with { TlsTimeout = v }),
        Count(nameof(RelayOptions.MaxConnections), "Limit of connections", 1, OptionLimits.MaxRelayCount,
            o => o.MaxConnections, (o, v) => o with { MaxConnections = v }),
        Count(nameof(RelayOptions.MaxConnectionsPerAddress), "Limit of connections per address; 0 is without a limit", 0, OptionLimits.MaxRelayCount,
            o => o.MaxConnectionsPerAddress, (o, v) => o with { MaxConnectionsPerAddress = v }),
        Count(nameof(RelayOptions.MaxJoinsPerMinutePerAddress), "Limit of joins per minute and address; 0 is without a limit", 0, OptionLimits.MaxRelayCount,
            o => o.MaxJoinsPerMinutePerAddress, (o, v) => o with { MaxJoinsPerMinutePerAddress = v }),
        Count(nameof(RelayOptions.MaxJoinsPerMinutePerRoom), "Limit of joins per minute, room and address; 0 is without a limit", 0, OptionLimits.MaxRelayCount,
            o => o.MaxJoinsPerMinutePerRoom, (o, v) => o with { MaxJoinsPerMinutePerRoom = v }),
        Count(nameof(RelayOptions.MaxWaitingRooms), "Limit of rooms with a waiting member; 0 is without a limit", 0, OptionLimits.MaxRelayCount,
            o => o.MaxWaitingRooms, (o, v) => o with { MaxWaitingRooms = v }),
        Duration(nameof(RelayOptions.WaitTimeout), "Time that a connection may wait for its pair; clients join again well before",
            (OptionLimits.MinRelayWait, OptionLimits.MaxRelayWait), o => o.WaitTimeout, (o, v) => o with { WaitTimeout = v }),
        Duration(nameof(RelayOptions.IdleTimeout), "Time that a pair may send nothing",
            (OptionLimits.MinIdleTimeout, OptionLimits.MaxIdleTimeout), o => o.IdleTimeout, (o, v) => o with { IdleTimeout = v }),
        Duration(nameof(RelayOptions.SessionTimeout), "Time that a pair may last; 0 is without a limit", (0, OptionLimits.MaxWait),
            o => o.SessionTimeout, (o, v) => o with { SessionTimeout = v }),
        Amount(nameof(RelayOptions.MaxMessageBytes), "Size limit of one message, in bytes", NumberKind.Size, (OptionLimits.MinMessageBytes, OptionLimits.MaxMessageBytes), 0,
            o => o.MaxMessageBytes, (o, v) => o with { MaxMessageBytes = v }),
        Amount(nameof(RelayOptions.MaxBytesPerSession), "Volume limit of a pair, in bytes; 0 is without a limit", NumberKind.Size, (0, OptionLimits.MaxAmount), 0,
            o => o.MaxBytesPerSession, (o, v) => o with { MaxBytesPerSession = v }),
        Amount(nameof(RelayOptions.MaxBytesPerDay), "Volume limit of the relay, in bytes per day; 0 is without a limit", NumberKind.Size, (0, OptionLimits.MaxAmount), 0,
            o => o.MaxBytesPerDay, (o, v) => o with { MaxBytesPerDay = v }),
        Amount(nameof(RelayOptions.MaxRatePerSession), "Rate limit of a pair, in bytes per second; 0 is without a limit", NumberKind.Rate, (0, OptionLimits.MaxRate), OptionLimits.MinRelayRate,
            o => o.MaxRatePerSession, (o, v) => o with { MaxRatePerSession = v }),
        Amount(nameof(RelayOptions.MaxRate), "Rate limit of all pairs together, in bytes per second; 0 is without a limit", NumberKind.Rate, (0, OptionLimits.MaxRate), OptionLimits.MinRelayRate,
            o => o.MaxRate, (o, v) => o with { MaxRate = v }),
        Duration(nameof(RelayOptions.DrainTimeout), "Time for running pairs to end when the relay stops", (0, OptionLimits.MaxDrainTimeout),
            o => o.DrainTimeout, (o, v) => o with { DrainTimeout = v }),
        Duration(nameof(RelayOptions.ReconnectAfter), "Time after which clients of a stopping relay join again", (0, OptionLimits.MaxReconnectAfter),
            o => o.ReconnectAfter, (o, v) => o with { ReconnectAfter = v }),
        new ChoiceOption<RelayOptions, RelayLogFormat>(
            "LogFormat", "Form of log lines", _ => RelayLogFormat.Text, (o, _) => o)
        { Faces = OptionFaces.Tool | OptionFaces.Cmdlet },
        new TextOption<RelayOptions, string>(
            "LogPath", "File for log lines; it may be renamed or deleted at any time, which is how logs are rotated", "a file",
            text => text, _ => null, (o, _) => o)
        { ValueName = "file", DefaultNote = "standard error", Faces = OptionFaces.Tool | OptionFaces.Cmdlet },
        new FlagOption<RelayOptions>(
            nameof(RelayOptions.LogAddresses), "Log whole client addresses instead of their networks",
            o => o.LogAddresses, (o, v) => o with { LogAddresses = v }),
    ];

    private static TextOption<RelayOptions, string> File(
        string name, string help, string? note, Func<RelayOptions, string?> get, Func<RelayOptions, string?, RelayOptions> set)
        => new(name, help, "a file", text => text, get, set) { ValueName = "file", DefaultNote = note };

    private static NumberOption<RelayOptions> Count(
        string name, string help, long min, long max, Func<RelayOptions, int> get, Func<RelayOptions, int, RelayOptions> set)
        => new(name, help, NumberKind.Count, (min, max), o => get(o), (o, v) => set(o, (int)v!));

    private static NumberOption<RelayOptions> Amount(
        string name, string help, NumberKind kind, (long Min, long Max) range, long minAboveZero, Func<RelayOptions, long> get, Func<RelayOptions, long, RelayOptions> set)
        => new(name, help, kind, range, o => get(o), (o, v) => set(o, (long)v!)) { MinAboveZero = minAboveZero };

    private static DurationOption<RelayOptions> Duration(
        string name, string help, (int Min, int Max) range, Func<RelayOptions, TimeSpan> get, Func<RelayOptions, TimeSpan, RelayOptions> set)
        => new(name, help, range, get, set);
}
