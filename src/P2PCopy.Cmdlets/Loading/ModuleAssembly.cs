using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace P2PCopy.Cmdlets.Loading;

/// <summary>
/// Finds the module's own dependencies in <c>dependencies/</c>, beside the module's assembly. The default context knows
/// only this assembly; whatever it references is looked for here, once, when it is first needed.
/// </summary>
public sealed class ModuleAssembly : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly DependencyLoadContext Dependencies =
        new(Path.Combine(Path.GetDirectoryName(typeof(ModuleAssembly).Assembly.Location)!, "dependencies"));

    private static readonly Func<AssemblyLoadContext, AssemblyName, Assembly?> Handler = Resolve;

    /// <summary>Called by PowerShell when the module is imported; again for each runspace.</summary>
    public void OnImport()
    {
        // Once for the process, however many runspaces import the module.
        AssemblyLoadContext.Default.Resolving -= Handler;
        AssemblyLoadContext.Default.Resolving += Handler;
    }

    /// <summary>Called by PowerShell when the module is removed.</summary>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        // Another runspace of this process may still use the module, and code of this one may still run; an assembly once
        // loaded stays loaded anyway. Only when nothing was loaded is there nothing left to answer for.
        if (!Dependencies.Assemblies.Any())
            AssemblyLoadContext.Default.Resolving -= Handler;
    }

    // Answers for our own names alone: the rest of the process is none of our business.
    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name)
        => name.Name is "P2PCopy.Core" or "P2PCopy.Relay" ? Dependencies.LoadFromAssemblyName(name) : null;
}
