using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace P2PCopy.Cmdlets.Loading;

/// <summary>
/// Loads the dependencies of the module separately from those of other modules, which may have other versions of the same
/// assemblies.
/// </summary>
internal sealed class DependencyLoadContext(string folder) : AssemblyLoadContext("P2PCopy")
{
    private readonly string _folder = folder;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // PowerShell has loaded the cmdlets' assembly already, and the engine must use the same types.
        Assembly own = typeof(DependencyLoadContext).Assembly;
        if (assemblyName.Name == own.GetName().Name)
            return own;

        // A file that is compiled ahead of time for this system, or else the file for all systems.
        string file = assemblyName.Name + ".dll";
        string? path = new[] { RuntimeInformation.RuntimeIdentifier, KindOfSystem, string.Empty }
            .Select(kind => Path.Combine(_folder, kind, file)).FirstOrDefault(File.Exists);
        return path is not null ? LoadFromAssemblyPath(path) : null;
    }

    // A .NET of a Linux distribution names the distribution instead.
    private static string KindOfSystem
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }
    }
}
