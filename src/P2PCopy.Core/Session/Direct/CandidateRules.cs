using System.Net;
using System.Net.Sockets;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Direct;

/// <summary>The way in which a candidate is dialled.</summary>
internal enum DialWay
{
    /// <summary>Repeated until the other side listens or dials too; nothing between the two answers for it.</summary>
    Plain,

    /// <summary>With a first packet that only opens the routers of this side, see <see cref="DirectDialer"/>.</summary>
    Stepped,
}

/// <summary>An address that is dialled.</summary>
/// <param name="EndPoint">The address and port.</param>
/// <param name="Way">The way in which it is dialled.</param>
internal readonly record struct DialTarget(IPEndPoint EndPoint, DialWay Way);

/// <summary>
/// Selects the candidates of the other side that are dialled. The other side may be hostile. It must not be able to make this
/// machine connect to itself, to many machines, or to services of its network.
/// One instance belongs to a session. Safe for several threads.
/// </summary>
/// <param name="mode">The mode; <see cref="DirectMode.Lan"/> leaves all but interface addresses out.</param>
/// <param name="time">The clock.</param>
internal sealed class CandidateRules(DirectMode mode, TimeProvider time)
{
    /// <summary>The maximum number of candidates that are dialled in one attempt.</summary>
    public const int MostDialled = 8;

    /// <summary>The maximum number of addresses that are dialled in a session, over all attempts.</summary>
    public const int MostAddresses = 24;

    /// <summary>
    /// The maximum number of ports that are dialled at once, at all addresses together. Each attempt of an honest side has another
    /// port, but a side that names many ports could scan those of another machine.
    /// </summary>
    public const int MostPorts = 128;

    /// <summary>Lower ports belong to services and are not dialled.</summary>
    public const int LowestPort = 1024;

    /// <summary>Further ports, as many as the attempts of a long session need: one in this time.</summary>
    private static readonly TimeSpan PortInterval = TimeSpan.FromSeconds(30);

    // Addresses that answer for the machines of a cloud: AWS, Azure, Alibaba and Oracle. 169.254.169.254 is link-local.
    private static readonly IPAddress[] Services =
        [IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("168.63.129.16"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("192.0.0.192")];

    // "This network", IETF assignments, reserved; and IPv6 addresses that stand for IPv4 ones or are not global.
    private static readonly IPNetwork[] NotUnicast =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("::/96"), IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("64:ff9b:1::/48"), IPNetwork.Parse("100::/64"),
        IPNetwork.Parse("2001::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fec0::/10"), IPNetwork.Parse("ff00::/8"),
    ];

    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("fc00::/7"),
    ];

    private readonly Lock _lock = new();
    private readonly HashSet<IPAddress> _dialled = [];
    private readonly TokenBucket _ports = new(1 / PortInterval.TotalSeconds, MostPorts, time);

    /// <summary>Whether an address belongs to one machine, which is not this one and not a service of a cloud.</summary>
    public static bool IsUnicast(IPAddress address)
        => address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
            && !address.IsIPv4MappedToIPv6
            && !(address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
            && !NotUnicast.Any(network => network.Contains(address))
            && !Services.Contains(address);

    /// <summary>The candidates to dial, those on the own network first.</summary>
    /// <param name="offered">What the other side offers.</param>
    /// <param name="network">The own network.</param>
    /// <param name="ownPort">The own port, which is not dialled at an own address.</param>
    /// <param name="only">The only address that may be dialled; null for any.</param>
    /// <param name="already">The number that this attempt has dialled.</param>
    public IReadOnlyList<DialTarget> Choose(IEnumerable<Candidate> offered, LocalNetwork network, int ownPort, IPAddress? only = null, int already = 0)
    {
        var targets = new List<DialTarget>();
        foreach (Candidate candidate in offered.Take(Candidate.MostOffered).OrderBy(c => c.Kind).ThenByDescending(c => network.IsNear(c.EndPoint.Address)))
        {
            if (already + targets.Count == MostDialled)
                break;
            if (IsAllowed(candidate, network, ownPort) && (only is null || only.Equals(candidate.EndPoint.Address))
                && !targets.Exists(t => t.EndPoint.Equals(candidate.EndPoint)) && IsWithinBudget(candidate.EndPoint.Address))
            {
                targets.Add(new DialTarget(candidate.EndPoint, WayTo(candidate, network)));
            }
        }

        return targets;
    }

    private bool IsAllowed(Candidate candidate, LocalNetwork network, int ownPort)
    {
        IPAddress address = candidate.EndPoint.Address;
        return candidate.EndPoint.Port >= LowestPort
            && IsUnicast(address)
            && !network.IsBroadcast(address)
            && !(network.IsOwn(address) && candidate.EndPoint.Port == ownPort)
            && (mode != DirectMode.Lan || candidate.Kind == CandidateKind.Interface);
    }

    private bool IsWithinBudget(IPAddress address)
    {
        lock (_lock)
            return (_dialled.Contains(address) || (_dialled.Count < MostAddresses && _dialled.Add(address))) && _ports.TryTake();
    }

    private static DialWay WayTo(Candidate candidate, LocalNetwork network)
        => candidate.Kind == CandidateKind.Mapped || network.IsNear(candidate.EndPoint.Address) || Private.Any(p => p.Contains(candidate.EndPoint.Address))
            ? DialWay.Plain
            : DialWay.Stepped;
}
