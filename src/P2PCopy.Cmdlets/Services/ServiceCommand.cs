using System.Management.Automation;
using P2PCopy.Cmdlets.Services;

namespace P2PCopy.Cmdlets;

/// <summary>The common part of the cmdlets for services.</summary>
public abstract class ServiceCommand : PSCmdlet
{
    private protected void RequireAdministrator()
    {
        if (!Environment.IsPrivilegedProcess)
            throw End(
                new UnauthorizedAccessException(OperatingSystem.IsWindows()
                    ? "A service can only be changed by an administrator: start PowerShell with 'Run as administrator'."
                    : "A service can only be changed by root: start pwsh with sudo."),
                "NotAdministrator", ErrorCategory.PermissionDenied, null);
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

    private protected Exception End(Exception exception, string id, ErrorCategory category, object? target, string? hint = null)
    {
        var record = new ErrorRecord(exception, id, category, target);
        if (hint is not null)
            record.ErrorDetails = new ErrorDetails($"{exception.Message} {hint}") { RecommendedAction = hint };
        ThrowTerminatingError(record);
        return new PipelineStoppedException();
    }

    /// <summary>Whether a registered service is one that the cmdlet registers; null if there is none of this name.</summary>
    private protected static bool? IsOwn(ServicePlan plan, string registeredBy, string name)
        => File.Exists(plan.ScriptPath) ? ServiceScript.IsOf(File.ReadAllText(plan.ScriptPath), registeredBy, name)
            : File.Exists(plan.DefinitionPath) ? false
            : null;
}
