using System.Runtime.CompilerServices;

namespace P2PCopy.Tests.Testing;

/// <summary>Outside namespaces of their own, tests use loopback addresses only.</summary>
internal static class NetworkPolicy
{
    public const string Direct = "P2PCOPY_DIRECT";
    public const string Discovery = "P2PCOPY_DISCOVERY";

    /// <summary>Before any test, and for every process that a test starts.</summary>
    [ModuleInitializer]
    internal static void StayOnLoopback()
    {
        Environment.SetEnvironmentVariable(Direct, "Off");
        Environment.SetEnvironmentVariable(Discovery, "Off");
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
    }
}
