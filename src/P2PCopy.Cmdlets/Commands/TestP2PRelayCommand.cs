using System.Management.Automation;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>Tests relays as a transfer would use them.</summary>
[Cmdlet(VerbsDiagnostic.Test, "P2PRelay")]
[OutputType(typeof(P2PRelayTest), typeof(bool))]
public sealed class TestP2PRelayCommand : RelayClientCommand
{
    private bool _anyFailed;
    private bool _anyTested;
    private Uri? _tokenRelay;

    /// <summary>The relays to test; each gives one result.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Uri")]
    [ArgumentCompleter(typeof(RelayCompleter))]
    [ValidateNotNullOrEmpty]
    public Uri[]? Relay { get; set; }

    /// <summary>Time in seconds to measure the throughput; 0 measures none. 2 by default.</summary>
    [Parameter]
    [ValidateRange(0, OptionLimits.MaxMeasureTime)]
    public int? MeasureSeconds { get; set; }

    /// <summary>Whether to ask the relay and the router about direct connections.</summary>
    [Parameter]
    public P2PDirect? Direct { get; set; }

    /// <summary>Returns only true or false: whether every relay passed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Relay = FindRelays(Relay) ?? throw Invalid("There is no relay.", null, "Use -Relay, or set P2PCOPY_RELAY.");
        foreach (Uri address in Relay)
        {
            P2PRelayTest result = EngineLoader.Engine.TestRelay(this, address, withToken: HasToken(address));
            _anyTested = true;
            _anyFailed |= !result.Succeeded;
            if (!Quiet)
                WriteObject(result);
        }
    }

    // The token belongs to the first relay. Other relays must not learn it.
    private bool HasToken(Uri address)
    {
        _tokenRelay ??= address;
        return Uri.Compare(_tokenRelay, address, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Quiet)
            WriteObject(_anyTested && !_anyFailed);
    }
}
