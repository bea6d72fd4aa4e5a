using System.Management.Automation;
using System.Security;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>The parameters of the cmdlets that connect to a relay, and how they stop.</summary>
public abstract class RelayClientCommand : TokenCommand, IDisposable
{
    private CommandPump? _pump;

    /// <summary>A PEM file of certificate authorities to trust instead of the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CaFile { get; set; }

    /// <summary>SHA-256 of the only relay certificate to accept; a certificate object is accepted too.</summary>
    [Parameter]
    [CertificateHash]
    [ValidateNotNullOrEmpty]
    public string? PinnedCertificate { get; set; }

    /// <summary>Accepts any relay certificate.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Proxy for the connection to the relay.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>User and password for the proxy.</summary>
    [Parameter]
    [Credential]
    [ValidateNotNull]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Time in seconds for one attempt to reach the relay; 15 by default.</summary>
    [Parameter]
    [ValidateRange(OptionLimits.MinConnectionTimeout, OptionLimits.MaxConnectionTimeout)]
    public int? ConnectionTimeoutSeconds { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        Token ??= FromFile(TokenFile, "-TokenFile") ?? TokenOfEnvironment();
        CaFile = new PathResolver(this).Option(CaFile, "-CaFile");
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _pump?.Cancel();

    /// <summary>Cancels the running work and waits for it.</summary>
    public void Dispose()
    {
        _pump?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <param name="progress">Shows progress.</param>
    /// <param name="drain">Additional time for a worker to end.</param>
    internal CommandPump CreatePump(ProgressReporter progress, TimeSpan drain = default)
    {
        _pump?.Dispose();
        var pump = new CommandPump(progress, CommandPump.UsualGoodbye + drain);
        _pump = pump;
        if (Stopping)
            pump.Cancel();
        return pump;
    }

    /// <summary>Runs the pump to its end and converts an exception into an error record.</summary>
    /// <param name="pump">The pump.</param>
    /// <param name="target">The target of the error record.</param>
    /// <param name="canGoOn">Whether an exception is shown as a warning and does not end the command; never by default.</param>
    /// <returns>False after such an exception.</returns>
    internal bool Finish(CommandPump pump, object? target, Func<Exception, bool>? canGoOn = null)
    {
        if (pump.Run(this) is not { } error)
            return true;
        if (Stopping)
            throw new PipelineStoppedException();

        ErrorRecord record = EngineLoader.Engine.Error(error, target);
        if (canGoOn?.Invoke(error) != true)
            ThrowTerminatingError(record);
        WriteWarning(record.ErrorDetails?.Message ?? record.Exception.Message);
        return false;
    }

    /// <summary>The secret in the first line of a file; null without a file.</summary>
    internal SecureString? FromFile(string? path, string parameter)
    {
        if (new PathResolver(this).Option(path, parameter) is not { } file)
            return null;
        string? line = ReadSecret(file, path, parameter, () => File.ReadLines(file).FirstOrDefault()?.Trim());
        return line is { Length: > 0 } ? SecretAttribute.FromText(line) : throw Invalid($"{parameter}: the first line of '{path}' is empty.", path);
    }

    /// <summary>
    /// The relays of the parameter, else of P2PCOPY_RELAY, else of the settings file; null if there is none. An address stands for each
    /// name of the settings file.
    /// </summary>
    /// <param name="given">The value of the parameter.</param>
    /// <param name="usesUsual">Whether relays of the environment and of the settings are used.</param>
    private protected Uri[]? FindRelays(Uri[]? given, bool usesUsual = true)
    {
        Uri[] ofSettings = Settings.UsualRelays;
        Uri[]? relays = given ?? (usesUsual ? RelaysOfEnvironment() ?? (ofSettings.Length > 0 ? ofSettings : null) : null);
        relays = relays is null ? null : Array.ConvertAll(relays, r => r.IsAbsoluteUri ? r : Settings.RelayOf(r.OriginalString) ?? r);
        CheckRelays(relays ?? []);
        return relays;
    }

    /// <summary>The relays of P2PCOPY_RELAY; null if it is not set.</summary>
    private static Uri[]? RelaysOfEnvironment()
        => Variable("P2PCOPY_RELAY") is { } relay
            ? Array.ConvertAll(
                relay.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries), text => new Uri(text, UriKind.RelativeOrAbsolute))
            : null;
}
