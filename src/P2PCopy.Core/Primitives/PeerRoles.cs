namespace P2PCopy.Primitives;

/// <summary>Properties of a <see cref="PeerRole"/>.</summary>
internal static class PeerRoles
{
    /// <summary>The role's name on the wire.</summary>
    public static string WireName(this PeerRole role) => role == PeerRole.Send ? "send" : "receive";

    /// <summary>The role of the other side.</summary>
    public static PeerRole Other(this PeerRole role) => role == PeerRole.Send ? PeerRole.Receive : PeerRole.Send;
}
