using System.CommandLine;

namespace P2PCopy.Tool.Options;

/// <summary>What a relay listens at and allows: names and defaults are those of <see cref="RelayOptions"/>.</summary>
internal sealed class RelayOptionTable
{
    private const long Largest = 1L << 62;
    private static readonly RelayOptions Defaults = new();

    public Option<string[]> Listen { get; } = Define.Texts("--listen", "address:port",
        "Where to listen: ADDRESS:PORT, *:PORT, [::1]:PORT (port 0 takes a free one) or unix:/path; may be repeated [default: *:8765]");

    public Option<string?> Certificate { get; } = Define.Text("--certificate", "file",
        "PEM file of the certificate chain for wss://; read again when it changes [default: none, ws://]");

    public Option<string?> Key { get; } = Define.Text("--key", "file",
        "PEM file of the private key [default: in the certificate's file]");

    public Option<string?> Token { get; } = Define.Text("--token", "token",
        "Bearer token that clients must show. Environment: P2PCOPY_TOKEN");

    public Option<string?> TokenFile { get; } = Define.Text("--token-file", "file",
        "File of tokens, one a line; read again when it changes");

    public Option<string?> MetricsListen { get; } = Define.Text("--metrics-listen", "address:port",
        "A listener of its own for /metrics");

    public Option<string[]> AllowedAddresses { get; } = Define.Texts("--allowed-addresses", "address[/bits]",
        "Client addresses that may join; may be repeated [default: all]");

    public Option<string[]> TrustedProxies { get; } = Define.Texts("--trusted-proxies", "address[/bits]",
        "Proxies whose X-Forwarded-For or PROXY header is believed; may be repeated");

    public Option<bool> ProxyProtocol { get; } = Define.Flag("--proxy-protocol",
        "Connections of trusted proxies begin with a PROXY header");

    public Option<int> MaxHeadBytes { get; } = Define.Number("--max-head-bytes", "count", Defaults.MaxHeadBytes, 1024, 65536,
        $"The most bytes of a request head [default: {Defaults.MaxHeadBytes}]");

    public Option<int> HeadTimeout { get; } = Define.Seconds("--head-timeout", Defaults.HeadTimeoutSeconds, 1, 3600,
        "How long a request head may take to arrive");

    public Option<int> TlsTimeout { get; } = Define.Seconds("--tls-timeout", Defaults.TlsTimeoutSeconds, 1, 3600,
        "How long a TLS handshake may take");

    public Option<int> MaxConnections { get; } = Define.Number("--max-connections", "count", Defaults.MaxConnections, 1, 1000000,
        $"The most connections in all [default: {Defaults.MaxConnections}]");

    public Option<int> MaxConnectionsPerAddress { get; } = Define.Number("--max-connections-per-address", "count", Defaults.MaxConnectionsPerAddress, 0, 1000000,
        $"The most connections of one address; 0 is without a limit [default: {Defaults.MaxConnectionsPerAddress}]");

    public Option<int> MaxJoinsPerMinutePerAddress { get; } = Define.Number("--max-joins-per-minute-per-address", "count", Defaults.MaxJoinsPerMinutePerAddress, 0, 1000000,
        $"The most joins a minute of one address; 0 is without a limit [default: {Defaults.MaxJoinsPerMinutePerAddress}]");

    public Option<int> MaxJoinsPerMinutePerRoom { get; } = Define.Number("--max-joins-per-minute-per-room", "count", Defaults.MaxJoinsPerMinutePerRoom, 0, 1000000,
        $"The most joins a minute to one room; 0 is without a limit [default: {Defaults.MaxJoinsPerMinutePerRoom}]");

    public Option<int> MaxWaitingRooms { get; } = Define.Number("--max-waiting-rooms", "count", Defaults.MaxWaitingRooms, 0, 1000000,
        $"The most rooms in which somebody waits; 0 is without a limit [default: {Defaults.MaxWaitingRooms}]");

    public Option<int> WaitTimeout { get; } = Define.Seconds("--wait-timeout", Defaults.WaitTimeoutSeconds, 60, 86400,
        "How long one connection may wait for its pair; clients join again well before");

    public Option<int> IdleTimeout { get; } = Define.Seconds("--idle-timeout", Defaults.IdleTimeoutSeconds, 30, 86400,
        "How long a pair may be silent");

    public Option<int> SessionTimeout { get; } = Define.Seconds("--session-timeout", Defaults.SessionTimeoutSeconds, 0, int.MaxValue,
        "How long a pair may last; 0 is without a limit");

    public Option<long?> MaxMessageBytes { get; } = Define.Size("--max-message-bytes", "size", "a size such as 16MiB", 65536, 1 << 30,
        "The most bytes of one message [default: 16MiB]");

    public Option<long?> MaxBytesPerSession { get; } = Define.Size("--max-bytes-per-session", "size", "a size such as 16MiB", 0, Largest,
        "The most bytes a pair may move; 0 is without a limit");

    public Option<long?> MaxBytesPerDay { get; } = Define.Size("--max-bytes-per-day", "size", "a size such as 16MiB", 0, Largest,
        "The most bytes the relay moves in a day; 0 is without a limit");

    public Option<long?> MaxRatePerSession { get; } = Define.Size("--max-rate-per-session", "rate", "a rate such as 50MB or 50Mbit", 0, Largest,
        "The most bytes a second of a pair; 0 is without a limit");

    public Option<long?> MaxRate { get; } = Define.Size("--max-rate", "rate", "a rate such as 50MB or 50Mbit", 0, Largest,
        "The most bytes a second of all pairs; 0 is without a limit");

    public Option<int> DrainTimeout { get; } = Define.Seconds("--drain-timeout", Defaults.DrainTimeoutSeconds, 0, 86400,
        "How long running pairs get to end when the relay stops");

    public Option<int> ReconnectAfter { get; } = Define.Seconds("--reconnect-after", Defaults.ReconnectAfterSeconds, 0, 60,
        "How long clients of a stopping relay shall wait before they join again");

    public Option<RelayLogFormat> LogFormat { get; } = Define.Choice("--log-format", RelayLogFormat.Text,
        "How log lines look");

    public Option<bool> LogAddresses { get; } = Define.Flag("--log-addresses",
        "Write whole client addresses into the log instead of their networks");

    public void AddTo(Command command)
    {
        command.Options.Add(Listen);
        command.Options.Add(Certificate);
        command.Options.Add(Key);
        command.Options.Add(Token);
        command.Options.Add(TokenFile);
        command.Options.Add(MetricsListen);
        command.Options.Add(AllowedAddresses);
        command.Options.Add(TrustedProxies);
        command.Options.Add(ProxyProtocol);
        command.Options.Add(MaxHeadBytes);
        command.Options.Add(HeadTimeout);
        command.Options.Add(TlsTimeout);
        command.Options.Add(MaxConnections);
        command.Options.Add(MaxConnectionsPerAddress);
        command.Options.Add(MaxJoinsPerMinutePerAddress);
        command.Options.Add(MaxJoinsPerMinutePerRoom);
        command.Options.Add(MaxWaitingRooms);
        command.Options.Add(WaitTimeout);
        command.Options.Add(IdleTimeout);
        command.Options.Add(SessionTimeout);
        command.Options.Add(MaxMessageBytes);
        command.Options.Add(MaxBytesPerSession);
        command.Options.Add(MaxBytesPerDay);
        command.Options.Add(MaxRatePerSession);
        command.Options.Add(MaxRate);
        command.Options.Add(DrainTimeout);
        command.Options.Add(ReconnectAfter);
        command.Options.Add(LogFormat);
        command.Options.Add(LogAddresses);
    }

    public RelayOptions Apply(RelayOptions options, ParseResult result, ToolHost host)
        => options with
        {
            Listen = result.GetValue(Listen) is { Length: > 0 } listen ? listen : Defaults.Listen,
            Certificate = result.GetValue(Certificate),
            Key = result.GetValue(Key),
            Token = result.GetValue(Token) ?? host.Variable("P2PCOPY_TOKEN"),
            TokenFile = result.GetValue(TokenFile),
            MetricsListen = result.GetValue(MetricsListen),
            AllowedAddresses = result.GetValue(AllowedAddresses) is { Length: > 0 } allowedAddresses ? allowedAddresses : Defaults.AllowedAddresses,
            TrustedProxies = result.GetValue(TrustedProxies) is { Length: > 0 } trustedProxies ? trustedProxies : Defaults.TrustedProxies,
            ProxyProtocol = result.GetValue(ProxyProtocol),
            MaxHeadBytes = result.GetValue(MaxHeadBytes),
            HeadTimeoutSeconds = result.GetValue(HeadTimeout),
            TlsTimeoutSeconds = result.GetValue(TlsTimeout),
            MaxConnections = result.GetValue(MaxConnections),
            MaxConnectionsPerAddress = result.GetValue(MaxConnectionsPerAddress),
            MaxJoinsPerMinutePerAddress = result.GetValue(MaxJoinsPerMinutePerAddress),
            MaxJoinsPerMinutePerRoom = result.GetValue(MaxJoinsPerMinutePerRoom),
            MaxWaitingRooms = result.GetValue(MaxWaitingRooms),
            WaitTimeoutSeconds = result.GetValue(WaitTimeout),
            IdleTimeoutSeconds = result.GetValue(IdleTimeout),
            SessionTimeoutSeconds = result.GetValue(SessionTimeout),
            MaxMessageBytes = result.GetValue(MaxMessageBytes) ?? Defaults.MaxMessageBytes,
            MaxBytesPerSession = result.GetValue(MaxBytesPerSession) ?? Defaults.MaxBytesPerSession,
            MaxBytesPerDay = result.GetValue(MaxBytesPerDay) ?? Defaults.MaxBytesPerDay,
            MaxRatePerSession = result.GetValue(MaxRatePerSession) ?? Defaults.MaxRatePerSession,
            MaxRate = result.GetValue(MaxRate) ?? Defaults.MaxRate,
            DrainTimeoutSeconds = result.GetValue(DrainTimeout),
            ReconnectAfterSeconds = result.GetValue(ReconnectAfter),
            LogAddresses = result.GetValue(LogAddresses),
        };
}
