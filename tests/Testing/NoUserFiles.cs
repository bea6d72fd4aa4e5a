using System.Runtime.CompilerServices;

namespace P2PCopy.Tests.Testing;

/// <summary>Tests neither read the settings of the user who runs them nor write that user's history.</summary>
internal static class NoUserFiles
{
    /// <summary>Before any test, and for every process that a test starts.</summary>
    [ModuleInitializer]
    internal static void Set()
    {
        Environment.SetEnvironmentVariable("P2PCOPY_CONFIG", "none");
        Environment.SetEnvironmentVariable("P2PCOPY_HISTORY", "off");
    }
}
