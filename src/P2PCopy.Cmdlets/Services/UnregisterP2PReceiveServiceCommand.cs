using System.Management.Automation;

namespace P2PCopy.Cmdlets;

/// <summary>Stops and removes a standing receiver that is a service.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "P2PReceiveService", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnregisterP2PReceiveServiceCommand : UnregisterServiceCommand
{
    /// <summary>The name of the service.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidatePattern(RegisterP2PRelayServiceCommand.NamePattern)]
    public string Name { get; set; } = RegisterP2PReceiveServiceCommand.DefaultName;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Unregister(Name, RegisterP2PReceiveServiceCommand.CmdletName, static () => { });
}
