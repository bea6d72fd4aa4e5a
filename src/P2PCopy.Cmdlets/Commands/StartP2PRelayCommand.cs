using System.Management.Automation;
using System.Security;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Running;

namespace P2PCopy.Cmdlets;

/// <summary>Runs a relay until Ctrl+C or SIGTERM.</summary>
[Cmdlet(VerbsLifecycle.Start, "P2PRelay", SupportsShouldProcess = true)]
[OutputType(typeof(P2PRelayInfo))]
public sealed class StartP2PRelayCommand : PSCmdlet, IDisposable
{
    private IRelayRun? _run;

    /// <summary>Where to listen, several: ADDRESS:PORT, *:PORT, [::1]:PORT (port 0 takes a free one) or unix:/path.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(ListenCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Listen { get; set; } = ["*:8765"];

    /// <summary>PEM file of the certificate chain for wss://; read again when it changes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Certificate { get; set; }

    /// <summary>PEM file of the private key.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Key { get; set; }

    /// <summary>Bearer token that clients must show.</summary>
    [Parameter]
    [Secret]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    /// <summary>File of tokens, one a line; read again when it changes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TokenFile { get; set; }

    /// <summary>A listener of its own for /metrics.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ListenCompleter))]
    [ValidateNotNullOrEmpty]
    public string? MetricsListen { get; set; }

    /// <summary>Client addresses that may join; several.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] AllowedAddresses { get; set; } = [];

    /// <summary>Proxies whose X-Forwarded-For or PROXY header is believed; several.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>Connections of trusted proxies begin with a PROXY header.</summary>
    [Parameter]
    public SwitchParameter ProxyProtocol { get; set; }

    /// <summary>Bytes of a request head.</summary>
    [Parameter]
    [ValidateRange(1024, 65536)]
    public int MaxHeadBytes { get; set; } = 8192;

    /// <summary>Seconds: for a request head to arrive.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int HeadTimeoutSeconds { get; set; } = 10;

    /// <summary>Seconds: for a TLS handshake.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int TlsTimeoutSeconds { get; set; } = 10;

    /// <summary>Connections in all.</summary>
    [Parameter]
    [ValidateRange(1, 1000000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Connections of one address; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, 1000000)]
    public int MaxConnectionsPerAddress { get; set; } = 1000;

    /// <summary>Joins a minute of one address; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, 1000000)]
    public int MaxJoinsPerMinutePerAddress { get; set; } = 600;

    /// <summary>Joins a minute to one room; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, 1000000)]
    public int MaxJoinsPerMinutePerRoom { get; set; } = 60;

    /// <summary>Rooms in which somebody waits; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, 1000000)]
    public int MaxWaitingRooms { get; set; } = 10_000;

    /// <summary>Seconds: one connection may wait for its pair; clients join again well before.</summary>
    [Parameter]
    [ValidateRange(60, 86400)]
    public int WaitTimeoutSeconds { get; set; } = 300;

    /// <summary>Seconds: a pair may be silent.</summary>
    [Parameter]
    [ValidateRange(30, 86400)]
    public int IdleTimeoutSeconds { get; set; } = 300;

    /// <summary>Seconds: a pair may last; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int SessionTimeoutSeconds { get; set; }

    /// <summary>Bytes of one message.</summary>
    [Parameter]
    [ValidateRange(65536L, 1L << 30)]
    public long MaxMessageBytes { get; set; } = 16 << 20;

    /// <summary>Bytes a pair may move; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long MaxBytesPerSession { get; set; }

    /// <summary>Bytes the relay moves in a day; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long MaxBytesPerDay { get; set; }

    /// <summary>Bytes a second of a pair; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long MaxRatePerSession { get; set; }

    /// <summary>Bytes a second of all pairs; 0 is without a limit.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long MaxRate { get; set; }

    /// <summary>Seconds: running pairs get to end when the relay stops.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int DrainTimeoutSeconds { get; set; } = 30;

    /// <summary>Seconds: after which clients of a stopping relay shall join again.</summary>
    [Parameter]
    [ValidateRange(0, 60)]
    public int ReconnectAfterSeconds { get; set; }

    /// <summary>How log lines look.</summary>
    [Parameter]
    public P2PLogFormat LogFormat { get; set; } = P2PLogFormat.Text;

    /// <summary>Write whole client addresses into the log instead of their networks.</summary>
    [Parameter]
    public SwitchParameter LogAddresses { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var resolver = new PathResolver(this);
        Certificate = Resolve(resolver, Certificate);
        Key = Resolve(resolver, Key);
        TokenFile = Resolve(resolver, TokenFile);
        Token ??= Environment.GetEnvironmentVariable("P2PCOPY_TOKEN") is { Length: > 0 } token ? SecretAttribute.FromText(token) : null;
        string security = Certificate is null ? "without TLS" : "with TLS";
        string whom = Token is null && TokenFile is null ? "for everybody who reaches it" : "for who has the token";
        if (!ShouldProcess($"{string.Join(", ", Listen)}, {security}, {whom}", "Start relay"))
            return;

        _run = EngineLoader.Engine.Relay(this);
        _run.Execute();
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _run?.Stop();

    /// <summary>Ends the relay at once, if it still runs.</summary>
    public void Dispose()
    {
        _run?.Dispose();
        GC.SuppressFinalize(this);
    }

    private static string? Resolve(PathResolver resolver, string? path) => path is null ? null : resolver.Literal(path);
}
