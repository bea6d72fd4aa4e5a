using System.Management.Automation;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Services;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>Reads the metrics of relays.</summary>
[Cmdlet(VerbsCommon.Get, "P2PRelay", DefaultParameterSetName = UriSet)]
[OutputType(typeof(P2PRelayStatus))]
public sealed class GetP2PRelayCommand : ServiceCommand
{
    internal const string UriSet = "Uri";
    internal const string NameSet = "Name";

    private const int DefaultTimeout = 15;

    /// <summary>Addresses of relays or of their metrics.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = UriSet)]
    [Alias("MetricsUri")]
    [ValidateNotNullOrEmpty]
    public Uri[] Uri { get; set; } = [new("http://127.0.0.1:8765")];

    /// <summary>A relay that is a service.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NameSet)]
    [ValidatePattern(RegisterP2PRelayServiceCommand.NamePattern)]
    public string? Name { get; set; }

    /// <summary>Accepts any certificate.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Time in seconds for one relay to answer.</summary>
    [Parameter]
    [ValidateRange(OptionLimits.MinConnectionTimeout, OptionLimits.MaxConnectionTimeout)]
    public int ConnectionTimeoutSeconds { get; set; } = DefaultTimeout;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Uri[] addresses = Uri;
        int? process = null;
        if (Name is not null)
        {
            RelayState state = StateOf(Name);
            addresses = [state.Uri];
            process = state.ProcessId;
        }

        foreach (Uri address in addresses)
        {
            try
            {
                WriteObject(EngineLoader.Engine.ReadRelay(address, SkipCertificateCheck, TimeSpan.FromSeconds(ConnectionTimeoutSeconds), process));
            }
            catch (Exception e) when (e is not PipelineStoppedException)
            {
                WriteError(EngineLoader.Engine.Error(e, address));
            }
        }
    }
}
