using System.Reflection;

namespace P2PCopy.Session.Pairing;

/// <summary>A version of docs/protocol.md. Sides of one major version understand each other and use the smaller minor one.</summary>
internal readonly record struct ProtocolVersion(int Major, int Minor)
{
    /// <summary>What this build speaks.</summary>
    public static ProtocolVersion Current { get; } = new(1, 0);

    /// <summary>The version of this build, as P2PCopy.psd1 has it.</summary>
    public static string Software { get; } =
        typeof(ProtocolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public override string ToString() => $"{Major}.{Minor}";
}
