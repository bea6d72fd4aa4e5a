using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using P2PCopy.Tests.Documentation;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>
/// The module as the build lays it out, without the folder of assemblies that are compiled for this system. The tests load the
/// cmdlets' assembly from there, as PowerShell does, before any other code of theirs needs it.
/// </summary>
/// <remarks>
/// The compiled assemblies share one version bubble. The runtime confuses their generic methods with those of the tests' own copy of
/// the engine (VerificationException, EntryPointNotFoundException). tests/Pester uses them in a process of their own.
/// </remarks>
internal static class StagedModule
{
    public static string Folder { get; } = Copy(Directory.GetDirectories(Path.Combine(Repository.Root, "artifacts", "module", "P2PCopy")).Single());

    public static string Manifest { get; } = Path.Combine(Folder, "P2PCopy.psd1");

    public static string Assembly { get; } = Path.Combine(Folder, "P2PCopy.Cmdlets.dll");

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The runtime would look for the assembly beside the tests.")]
    internal static void Load() => System.Reflection.Assembly.LoadFrom(Assembly);

    private static string Copy(string staged)
    {
        string copy = Directory.CreateTempSubdirectory("p2pcopy-module-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(copy);
        string compiled = Path.Combine(staged, "dependencies") + Path.DirectorySeparatorChar;
        foreach (string file in Directory.EnumerateFiles(staged, "*", SearchOption.AllDirectories))
        {
            if (file.StartsWith(compiled, StringComparison.Ordinal) && Path.GetDirectoryName(file) + Path.DirectorySeparatorChar != compiled)
                continue;
            string target = Path.Combine(copy, Path.GetRelativePath(staged, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows does not delete an assembly that is loaded.
        }
    }
}
