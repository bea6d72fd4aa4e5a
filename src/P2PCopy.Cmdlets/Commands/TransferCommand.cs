using System.Management.Automation;
using System.Security;
using P2PCopy.Cmdlets.Running;

namespace P2PCopy.Cmdlets;

/// <summary>What Send-P2PFile and Receive-P2PFile share: parameters, and the ways to stop.</summary>
public abstract class TransferCommand : PSCmdlet, IDisposable
{
    private CommandPump? _pump;

    /// <summary>Relays to dial, tried in order.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public Uri[]? Relay { get; set; }

    /// <summary>The shared code, as text or SecureString.</summary>
    [Parameter]
    [Secret]
    [ValidateNotNull]
    public SecureString? Code { get; set; }

    /// <summary>A bearer token that the relay asks for.</summary>
    [Parameter]
    [Secret]
    [ValidateNotNull]
    public SecureString? Token { get; set; }

    /// <summary>Whether file content is encrypted; Off must be set on both sides.</summary>
    [Parameter]
    public P2PEncryption Encryption { get; set; } = P2PEncryption.On;

    /// <summary>A PEM file of certificate authorities to trust instead of the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CaFile { get; set; }

    /// <summary>The only relay certificate to accept, by its SHA-256; a certificate object does, too.</summary>
    [Parameter]
    [CertificateHash]
    [ValidatePattern("^[0-9A-Fa-f:]{64,95}$")]
    public string? PinnedCertificate { get; set; }

    /// <summary>Accepts any relay certificate.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>HTTP proxy to dial through.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>User and password for the proxy.</summary>
    [Parameter]
    [Credential]
    [ValidateNotNull]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Seconds for one attempt to reach the relay.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int ConnectionTimeoutSeconds { get; set; } = 15;

    /// <summary>Seconds to wait for the other side; 0 waits for ever.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int WaitTimeoutSeconds { get; set; } = 3600;

    /// <summary>Seconds to go on trying after a lost connection.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int RetryTimeoutSeconds { get; set; } = 300;

    /// <summary>Seconds without a sign of the other side until a connection counts as lost.</summary>
    [Parameter]
    [ValidateRange(5, 3600)]
    public int SilenceTimeoutSeconds { get; set; } = 30;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Parameter, then $PSDefaultParameterValues (both are bound by now), then the environment.
        if (Relay is null && Variable("P2PCOPY_RELAY") is { } relay)
        {
            Relay = Array.ConvertAll(
                relay.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries), text => new Uri(text, UriKind.RelativeOrAbsolute));
        }

        Code ??= Variable("P2PCOPY_CODE") is { } code ? SecretAttribute.FromText(code.Trim()) : null;
        Token ??= Variable("P2PCOPY_TOKEN") is { } token ? SecretAttribute.FromText(token) : null;
        foreach (Uri address in Relay ?? [])
        {
            if (!address.IsAbsoluteUri || address.Scheme is not ("ws" or "wss"))
            {
                throw Usage($"-Relay takes wss://host[/prefix] or ws://host:port, not '{address.OriginalString}'.", address);
            }
        }

        if (CaFile is not null)
            CaFile = new PathResolver(this).Literal(CaFile);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _pump?.Cancel();

    /// <summary>Cancels what still runs and waits for it.</summary>
    public void Dispose()
    {
        _pump?.Dispose();
        GC.SuppressFinalize(this);
    }

    internal CommandPump CreatePump(ProgressReporter progress)
    {
        var pump = new CommandPump(progress);
        _pump = pump;
        if (Stopping)
            pump.Cancel();
        return pump;
    }

    /// <summary>Runs the pump to its end and turns what comes out into an error record.</summary>
    internal void Finish(CommandPump pump, object? target)
    {
        try
        {
            pump.Run(this);
        }
        catch (Exception e) when (e is not (PipelineStoppedException or RuntimeException))
        {
            if (Stopping)
                throw new PipelineStoppedException();

            ThrowTerminatingError(ErrorMapper.Session(e, target));
        }
    }

    /// <summary>Ends the command: what was asked for cannot be done so.</summary>
    private protected Exception Usage(string message, object? target)
    {
        ThrowTerminatingError(new ErrorRecord(new ArgumentException(message), "InvalidOption", ErrorCategory.InvalidArgument, target));
        return new PipelineStoppedException();
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
