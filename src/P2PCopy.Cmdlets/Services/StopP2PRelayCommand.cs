using System.Management.Automation;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Shared;

namespace P2PCopy.Cmdlets;

/// <summary>Drains and stops relays of this machine.</summary>
[Cmdlet(VerbsLifecycle.Stop, "P2PRelay", SupportsShouldProcess = true, DefaultParameterSetName = IdSet)]
[OutputType(typeof(void))]
public sealed class StopP2PRelayCommand : ServiceCommand
{
    internal const string IdSet = "Id";

    private const int DefaultTimeout = 45;

    /// <summary>The processes of the relays.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [Alias("ProcessId")]
    [ValidateRange(1, int.MaxValue)]
    public int[] Id { get; set; } = [];

    /// <summary>A relay that is a service.</summary>
    [Parameter(Mandatory = true, ParameterSetName = GetP2PRelayCommand.NameSet)]
    [ValidatePattern(RegisterP2PRelayServiceCommand.NamePattern)]
    public string? Name { get; set; }

    /// <summary>Time in seconds for a relay to end.</summary>
    [Parameter]
    [ValidateRange(1, OptionLimits.MaxDrainTimeout)]
    public int TimeoutSeconds { get; set; } = DefaultTimeout;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        int[] processes = Id;
        if (Name is not null)
            processes = [StateOf(Name).ProcessId];
        foreach (int process in processes)
        {
            if (!ShouldProcess($"process {process}", "Drain and stop relay"))
                continue;
            try
            {
                EngineLoader.Engine.StopRelay(process, TimeSpan.FromSeconds(TimeoutSeconds));
            }
            catch (Exception e) when (e is not PipelineStoppedException)
            {
                WriteError(EngineLoader.Engine.Error(e, process));
            }
        }
    }
}
