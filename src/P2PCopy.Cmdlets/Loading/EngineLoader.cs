using System.Reflection;
using P2PCopy.Cmdlets.Running;

namespace P2PCopy.Cmdlets.Loading;

/// <summary>Loads the engine from <c>dependencies/</c> when it is first needed, once for the process.</summary>
internal static class EngineLoader
{
    private static readonly Lazy<ICommandEngine> LoadedEngine = new(Load);

    public static ICommandEngine Engine => LoadedEngine.Value;

    private static ICommandEngine Load()
    {
        string folder = Path.Combine(Path.GetDirectoryName(typeof(EngineLoader).Assembly.Location)!, "dependencies");
        Assembly module = new DependencyLoadContext(folder).LoadFromAssemblyName(new AssemblyName("P2PCopy.Module"));
        return (ICommandEngine)Activator.CreateInstance(module.GetType("P2PCopy.Module.CommandEngine", throwOnError: true)!)!;
    }
}
