using System.Reflection;

namespace P2PCopy.Session.Pairing;

/// <summary>A version of docs/protocol.md. Sides with the same major version interoperate and use the smaller minor version.</summary>
internal readonly record struct ProtocolVersion(int Major, int Minor)
{
    /// <summary>The version of this build.</summary>
    public static ProtocolVersion Current { get; } = new(1, 0);

    /// <summary>The software version of this build, from P2PCopy.psd1.</summary>
    public static string Software { get; } =
        typeof(ProtocolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public override string ToString() => $"{Major}.{Minor}";
}
