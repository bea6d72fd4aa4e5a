using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace P2PCopy.Cmdlets.Loading;

/// <summary>
/// Keeps what the module depends on to itself: another module may bring another version of the same assembly, before or
/// after, and neither sees the other's.
/// </summary>
internal sealed class DependencyLoadContext(string folder) : AssemblyLoadContext("P2PCopy")
{
    private readonly string _folder = folder;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // The cmdlets themselves were loaded by PowerShell: there is one of each, and the engine works with those.
        Assembly own = typeof(DependencyLoadContext).Assembly;
        if (assemblyName.Name == own.GetName().Name)
            return own;

        // Compiled ahead of time for this kind of system, where there is one; the same for any otherwise.
        string file = assemblyName.Name + ".dll";
        string compiled = Path.Combine(_folder, RuntimeInformation.RuntimeIdentifier, file);
        string path = File.Exists(compiled) ? compiled : Path.Combine(_folder, file);
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
