using System.Management.Automation;
using P2PCopy.Cmdlets.Services;

namespace P2PCopy.Cmdlets;

/// <summary>The common part of the cmdlets for services.</summary>
public abstract class ServiceCommand : P2PCommand
{
    private protected void RequireAdministrator()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw End(
                new UnauthorizedAccessException(OperatingSystem.IsWindows() ? "Only an administrator can change a service." : "Only root can change a service."),
                "NotAdministrator", ErrorCategory.PermissionDenied, null, OperatingSystem.IsWindows() ? "Start PowerShell with 'Run as administrator'." : "Start pwsh with sudo.");
        }
    }

    /// <summary>Carries out a plan; its failure ends the command.</summary>
    private protected void Carry(Action<ServiceInstaller> action, string name)
    {
        try
        {
            action(new ServiceInstaller(WriteVerbose));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw End(e, "ServiceFailed", ErrorCategory.InvalidOperation, name);
        }
    }

    /// <summary>What a relay that is a service has written about itself. A relay without it ends the command.</summary>
    private protected RelayState StateOf(string relay)
        => RelayState.Read(ServiceFolders.Logs(relay)) ?? throw End(
            new ItemNotFoundException($"There is no readable {RegisterP2PRelayServiceCommand.StateFile} of a relay {relay} in {ServiceFolders.Logs(relay)}."),
            "ServiceNotFound", ErrorCategory.ObjectNotFound, relay, "Check that the service runs; only an administrator may be able to read its folder.");

    /// <summary>Whether a registered service is one that the cmdlet registers; null if there is none of this name.</summary>
    private protected static bool? IsOwn(ServicePlan plan, string registeredBy, string name)
        => File.Exists(plan.ScriptPath) ? ServiceScript.IsOf(File.ReadAllText(plan.ScriptPath), registeredBy, name)
            : File.Exists(plan.DefinitionPath) ? false
            : null;
}
