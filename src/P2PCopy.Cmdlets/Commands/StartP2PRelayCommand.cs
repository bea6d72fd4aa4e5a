using System.Management.Automation;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>Runs a relay until Ctrl+C or SIGTERM.</summary>
[Cmdlet(VerbsLifecycle.Start, "P2PRelay", SupportsShouldProcess = true)]
[OutputType(typeof(P2PRelayInfo))]
public sealed class StartP2PRelayCommand : TokenCommand, IDisposable
{
    private IRelayRun? _run;

    /// <summary>Listen addresses: ADDRESS:PORT, *:PORT, [::1]:PORT (port 0 uses a free port) or unix:/path; *:8765 by default.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(ListenCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Listen { get; set; }

    /// <summary>PEM file of the certificate chain for wss://; reloaded when it changes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Certificate { get; set; }

    /// <summary>PEM file of the private key.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Key { get; set; }

    /// <summary>Separate listen address for /metrics.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ListenCompleter))]
    [ValidateNotNullOrEmpty]
    public string? MetricsListen { get; set; }

    /// <summary>Client addresses or networks that may join.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? AllowedAddresses { get; set; }

    /// <summary>Proxies whose X-Forwarded-For or PROXY header is trusted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedProxies { get; set; }

    /// <summary>Connections of trusted proxies start with a PROXY header.</summary>
    [Parameter]
    public SwitchParameter ProxyProtocol { get; set; }

    /// <summary>Size limit of a request head, in bytes.</summary>
    [Parameter]
    [ValidateRange(OptionLimits.MinHeadBytes, OptionLimits.MaxHeadBytes)]
    public int? MaxHeadBytes { get; set; }

    /// <summary>Time in seconds for a request head to arrive.</summary>
    [Parameter]
    [ValidateRange(OptionLimits.MinRequestTimeout, OptionLimits.MaxRequestTimeout)]
    public int? HeadTimeoutSeconds { get; set; }

    /// <summary>Time in seconds for a TLS handshake.</summary>
    [Parameter]
    [ValidateRange(OptionLimits.MinRequestTimeout, OptionLimits.MaxRequestTimeout)]
    public int? TlsTimeoutSeconds { get; set; }

    /// <summary>Limit of connections.</summary>
    [Parameter]
    [ValidateRange(1, OptionLimits.MaxRelayCount)]
    public int? MaxConnections { get; set; }

    /// <summary>Limit of connections per address; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxRelayCount)]
    public int? MaxConnectionsPerAddress { get; set; }

    /// <summary>Limit of joins per minute and address; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxRelayCount)]
    public int? MaxJoinsPerMinutePerAddress { get; set; }

    /// <summary>Limit of joins per minute, room and address; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxRelayCount)]
    public int? MaxJoinsPerMinutePerRoom { get; set; }

    /// <summary>Limit of rooms with a waiting member; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxRelayCount)]
    public int? MaxWaitingRooms { get; set; }

    /// <summary>Time in seconds that a connection may wait for its pair; clients join again well before.</summary>
    [Parameter]
    [ValidateRange(OptionLimits.MinRelayWait, OptionLimits.MaxRelayWait)]
    public int? WaitTimeoutSeconds { get; set; }

    /// <summary>Time in seconds that a pair may send nothing.</summary>
    [Parameter]
    [ValidateRange(OptionLimits.MinIdleTimeout, OptionLimits.MaxIdleTimeout)]
    public int? IdleTimeoutSeconds { get; set; }

    /// <summary>Time in seconds that a pair may last; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxWait)]
    public int? SessionTimeoutSeconds { get; set; }

    /// <summary>Size limit of one message, in bytes.</summary>
    [Parameter]
    [Amount]
    [ValidateRange(OptionLimits.MinMessageBytes, OptionLimits.MaxMessageBytes)]
    public long? MaxMessageBytes { get; set; }

    /// <summary>Volume limit of a pair, in bytes; 0 is without a limit.</summary>
    [Parameter]
    [Amount]
    [ValidateRange(0L, OptionLimits.MaxAmount)]
    public long? MaxBytesPerSession { get; set; }

    /// <summary>Volume limit of the relay, in bytes per day; 0 is without a limit.</summary>
    [Parameter]
    [Amount]
    [ValidateRange(0L, OptionLimits.MaxAmount)]
    public long? MaxBytesPerDay { get; set; }

    /// <summary>Rate limit of a pair, in bytes per second; 0 is without a limit.</summary>
    [Parameter]
    [Amount]
    [ValidateRange(0L, OptionLimits.MaxRate)]
    public long? MaxRatePerSession { get; set; }

    /// <summary>Rate limit of all pairs together, in bytes per second; 0 is without a limit.</summary>
    [Parameter]
    [Amount]
    [ValidateRange(0L, OptionLimits.MaxRate)]
    public long? MaxRate { get; set; }

    /// <summary>Time in seconds for running pairs to end when the relay stops.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxDrainTimeout)]
    public int? DrainTimeoutSeconds { get; set; }

    /// <summary>Time in seconds after which clients of a stopping relay join again.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxReconnectAfter)]
    public int? ReconnectAfterSeconds { get; set; }

    /// <summary>Form of log lines.</summary>
    [Parameter]
    public P2PLogFormat? LogFormat { get; set; }

    /// <summary>A file for log lines; it may be renamed or deleted at any time.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Logs whole client addresses instead of their networks.</summary>
    [Parameter]
    public SwitchParameter LogAddresses { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var resolver = new PathResolver(this);
        Certificate = resolver.Option(Certificate, "-Certificate");
        Key = resolver.Option(Key, "-Key");
        TokenFile = resolver.Option(TokenFile, "-TokenFile");
        LogPath = resolver.Option(LogPath, "-LogPath");
        Token ??= TokenOfEnvironment();
        string security = Certificate is null ? "without TLS" : "with TLS";
        string clients = Token is null && TokenFile is null ? "for all clients" : "for clients with a token";
        if (!ShouldProcess($"{string.Join(", ", Listen ?? ["*:8765"])}, {security}, {clients}", "Start relay"))
            return;

        _run = EngineLoader.Engine.Relay(this);
        _run.Execute();
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _run?.Stop();

    /// <summary>Stops the relay at once.</summary>
    public void Dispose()
    {
        _run?.Dispose();
        GC.SuppressFinalize(this);
    }
}
