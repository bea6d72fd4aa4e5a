using System.Management.Automation;
using P2PCopy.Cmdlets.Loading;
using P2PCopy.Cmdlets.Services;

namespace P2PCopy.Cmdlets;

/// <summary>Drains, stops and removes a relay that is a service.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "P2PRelayService", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnregisterP2PRelayServiceCommand : UnregisterServiceCommand
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(45);

    /// <summary>The name of the service.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidatePattern(RegisterP2PRelayServiceCommand.NamePattern)]
    public string Name { get; set; } = RegisterP2PRelayServiceCommand.DefaultName;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Unregister(Name, RegisterP2PRelayServiceCommand.CmdletName, Drain);

    // systemd and launchd stop a service with SIGTERM. The Task Scheduler kills its process, so the relay is stopped before.
    private void Drain()
    {
        if (ServiceFolders.Current == ServiceSystem.TaskScheduler && RelayState.Read(ServiceFolders.Logs(Name)) is { } state)
            EngineLoader.Engine.StopRelay(state.ProcessId, DrainTime);
    }
}
