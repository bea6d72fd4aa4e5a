using System.Management.Automation;
using P2PCopy.Cmdlets.Services;

namespace P2PCopy.Cmdlets;

/// <summary>The common part of the cmdlets that remove a service.</summary>
public abstract class UnregisterServiceCommand : ServiceCommand
{
    /// <summary>Stops and removes a service. Its logs, secrets and received files stay.</summary>
    private protected void Unregister(string name, string registeredBy, Action beforeStop)
    {
        ServicePlan plan = ServiceFolders.Plan(ServiceFolders.Current, new ServiceDefinition
        {
            Name = name,
            Description = name,
            RegisteredBy = registeredBy,
            Pipeline = string.Empty,
            PowerShell = string.Empty,
            Module = string.Empty,
            Folder = ServiceFolders.Scripts,
            LogFolder = ServiceFolders.Logs(name),
            Sockets = SystemdService.SocketsOf(name, registeredBy),
        });
        if (IsOwn(plan, registeredBy, name) is not true)
            throw End(new ItemNotFoundException($"There is no service {name} that {registeredBy} has registered."), "ServiceNotFound", ErrorCategory.ObjectNotFound, name);
        if (!ShouldProcess($"{name} ({plan.DefinitionPath})", "Stop and remove service"))
            return;

        RequireAdministrator();
        beforeStop();
        Carry(installer => installer.Unregister(plan), name);
    }
}
