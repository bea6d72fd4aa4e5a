using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using P2PCopy.Tests.Documentation;

namespace P2PCopy.Tests.Cmdlets;

/// <summary>
/// The module as the build lays it out. The tests load the cmdlets' assembly from there, as PowerShell does, before any
/// other code of theirs needs it. So the process holds the engine twice, as after an upgrade in a live session.
/// </summary>
internal static class StagedModule
{
    public static string Folder { get; } = Directory.GetDirectories(Path.Combine(Repository.Root, "artifacts", "module", "P2PCopy")).Single();

    public static string Manifest { get; } = Path.Combine(Folder, "P2PCopy.psd1");

    public static string Assembly { get; } = Path.Combine(Folder, "P2PCopy.Cmdlets.dll");

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The runtime would look for the assembly beside the tests.")]
    internal static void Load() => System.Reflection.Assembly.LoadFrom(Assembly);
}
