using System.Reflection;
using System.Runtime.Loader;

namespace P2PCopy.Cmdlets.Loading;

/// <summary>
/// Keeps what the module depends on to itself, so that another module may bring another version of the same assembly.
/// Core-library types only: this runs before anything else of the module can be loaded.
/// </summary>
internal sealed class DependencyLoadContext(string folder) : AssemblyLoadContext("P2PCopy")
{
    private readonly string _folder = folder;

    /// <summary>The assembly of this name if the module brings it, otherwise null.</summary>
    public Assembly? TryLoad(AssemblyName name)
    {
        string path = Path.Combine(_folder, name.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    protected override Assembly? Load(AssemblyName assemblyName) => TryLoad(assemblyName);
}
