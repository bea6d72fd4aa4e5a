using System.Net;

namespace P2PCopy;

/// <summary>What is known, before a transfer, about direct connections from this machine. The other machine has a part in it too.</summary>
public sealed record DirectOutlook
{
    /// <summary>What stands between this machine and the relay.</summary>
    public NatKind Nat { get; init; }

    /// <summary>The address and port that the relay sees; null if the relay cannot tell, for instance behind a proxy.</summary>
    public IPEndPoint? SeenByRelay { get; init; }

    /// <summary>
    /// The address and port at which the router forwards a port of this machine on request (PCP, RFC 6887; NAT-PMP, RFC 6886); null if it
    /// does not. The mapping is removed again.
    /// </summary>
    public IPEndPoint? Mapping { get; init; }

    /// <summary>Whether this machine has an IPv6 address for other networks.</summary>
    public bool HasIPv6 { get; init; }

    /// <summary>Whether a direct connection is to be expected: true, false, or null if it depends on the other machine.</summary>
    public bool? IsExpected => Mapping is not null || Nat is NatKind.None or NatKind.KeepsPorts ? true
        : Nat == NatKind.Unknown && !HasIPv6 ? false
        : null;

    /// <summary>The result in words, for people.</summary>
    public override string ToString() => this switch
    {
        { Nat: NatKind.None } => "expected: no router changes the addresses of this machine",
        { Mapping: { } mapping } => $"expected: the router forwards a port on request ({mapping})",
        { Nat: NatKind.KeepsPorts } => $"expected: the router keeps port numbers (seen as {SeenByRelay})",
        { Nat: NatKind.ChangesPorts } => $"depends on the other machine: the router changes port numbers (seen as {SeenByRelay})",
        { HasIPv6: true } => "depends on the other machine: over IPv6 only, because the relay does not tell the address that it sees",
        _ => "only on the own network: the relay does not tell the address that it sees",
    };
}

/// <summary>What a router does to the addresses of this machine (network address translation).</summary>
public enum NatKind
{
    /// <summary>The relay does not tell what it sees.</summary>
    Unknown,

    /// <summary>The relay sees an address of this machine.</summary>
    None,

    /// <summary>A router changes the address and keeps the port.</summary>
    KeepsPorts,

    /// <summary>A router changes the address and the port.</summary>
    ChangesPorts,
}
