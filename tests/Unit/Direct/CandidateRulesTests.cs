using System.Net;
using P2PCopy.Session.Direct;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Direct;

/// <summary>Which addresses of a side that may be hostile are dialled, and how.</summary>
public sealed class CandidateRulesTests
{
    private const int OwnPort = 50000;

    private static readonly LocalNetwork Network = new(
        [new LocalAddress(IPAddress.Parse("192.168.7.20"), 24), new LocalAddress(IPAddress.Parse("203.0.113.5"), 29), new LocalAddress(IPAddress.Parse("2001:db8:7::20"), 64)],
        [IPAddress.Parse("192.168.7.1")]);

    [Theory]
    [InlineData("127.0.0.1:5000")]
    [InlineData("127.9.9.9:5000")]
    [InlineData("0.0.0.0:5000")]
    [InlineData("0.1.2.3:5000")]
    [InlineData("169.254.169.254:5000")]
    [InlineData("169.254.1.1:5000")]
    [InlineData("224.0.0.251:5353")]
    [InlineData("239.255.255.250:1900")]
    [InlineData("240.0.0.1:5000")]
    [InlineData("255.255.255.255:5000")]
    [InlineData("192.168.7.255:5000")] // broadcast of an own network
    [InlineData("192.168.7.0:5000")]
    [InlineData("203.0.113.7:5000")]
    [InlineData("192.0.0.192:5000")]
    [InlineData("168.63.129.16:5000")]
    [InlineData("100.100.100.200:5000")]
    [InlineData("[::1]:5000")]
    [InlineData("[::]:5000")]
    [InlineData("[::ffff:127.0.0.1]:5000")]
    [InlineData("[::ffff:192.168.7.21]:5000")]
    [InlineData("[::127.0.0.1]:5000")]
    [InlineData("[64:ff9b::7f00:1]:5000")]
    [InlineData("[2002:7f00:1::]:5000")]
    [InlineData("[2001:0:1:2:3:4:5:6]:5000")]
    [InlineData("[fe80::1]:5000")]
    [InlineData("[fe80::1%2]:5000")]
    [InlineData("[fec0::1]:5000")]
    [InlineData("[ff02::1]:5000")]
    [InlineData("[fd00:ec2::254]:5000")]
    [InlineData("192.168.7.21:22")]
    [InlineData("192.168.7.21:1023")]
    [InlineData("192.168.7.20:50000")] // this very port
    public void An_address_that_is_not_another_machine_or_a_port_of_services_is_not_dialled(string address)
    {
        foreach (CandidateKind kind in Enum.GetValues<CandidateKind>())
            Assert.Empty(Choose(DirectMode.Auto, (address, kind)));
    }

    [Theory]
    [InlineData("192.168.7.21:1024", CandidateKind.Interface, "Plain")]
    [InlineData("192.168.7.20:50001", CandidateKind.Interface, "Plain")] // one host
    [InlineData("10.1.2.3:5000", CandidateKind.Interface, "Plain")]
    [InlineData("100.64.1.2:5000", CandidateKind.Interface, "Plain")]
    [InlineData("198.51.100.7:5000", CandidateKind.Interface, "Stepped")]
    [InlineData("198.51.100.7:5000", CandidateKind.Observed, "Stepped")]
    [InlineData("198.51.100.7:5000", CandidateKind.Mapped, "Plain")]
    [InlineData("[2001:db8:7::21]:5000", CandidateKind.Interface, "Plain")]
    [InlineData("[2001:db8:8::21]:5000", CandidateKind.Interface, "Stepped")]
    [InlineData("[fd12::1]:5000", CandidateKind.Interface, "Plain")]
    internal void Another_machine_is_dialled(string address, CandidateKind kind, string way)
        => Assert.Equal([(address, way)], Choose(DirectMode.Auto, (address, kind)));

    [Fact]
    public void Lan_dials_interfaces_only()
        => Assert.Equal(
            [("192.168.7.21:5000", "Plain")],
            Choose(DirectMode.Lan, ("198.51.100.7:5000", CandidateKind.Observed), ("198.51.100.7:5000", CandidateKind.Mapped), ("192.168.7.21:5000", CandidateKind.Interface)));

    [Fact]
    public void The_own_network_comes_first_and_an_address_only_once()
        => Assert.Equal(
            ["192.168.7.21:5000", "10.0.0.9:5000", "198.51.100.7:5000"],
            Choose(
                DirectMode.Auto,
                ("198.51.100.7:5000", CandidateKind.Observed), ("10.0.0.9:5000", CandidateKind.Interface), ("192.168.7.21:5000", CandidateKind.Interface),
                ("192.168.7.21:5000", CandidateKind.Observed)).Select(t => t.Address));

    [Fact]
    public void Of_ten_thousand_addresses_eight_are_dialled_and_over_a_whole_session_twenty_four()
    {
        var rules = new CandidateRules(DirectMode.Auto, TimeProvider.System);
        HashSet<IPAddress> dialled = [];
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            IEnumerable<Candidate> offered = Enumerable.Range(0, 10_000).Select(i => new Candidate(new IPEndPoint(new IPAddress([10, (byte)attempt, (byte)(i >> 8), (byte)i]), 5000 + attempt), CandidateKind.Interface));
            IReadOnlyList<DialTarget> targets = rules.Choose(offered, Network, OwnPort);
            Assert.InRange(targets.Count, 0, CandidateRules.MostDialled);
            dialled.UnionWith(targets.Select(t => t.EndPoint.Address));
        }

        Assert.InRange(dialled.Count, CandidateRules.MostDialled, CandidateRules.MostAddresses);
    }

    /// <summary>Many ports of one address are a scan of its ports.</summary>
    [Fact]
    public void Of_ten_thousand_ports_of_one_address_a_hundred_are_dialled_and_one_more_each_half_minute()
    {
        var clock = new ManualTimeProvider();
        var rules = new CandidateRules(DirectMode.Auto, clock);
        Assert.Equal(CandidateRules.MostPorts, Scan());
        Assert.Equal(0, Scan());
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(4, Scan());

        int Scan() => Enumerable.Range(10_000, 10_000).Chunk(16).Sum(ports => rules.Choose(
            ports.Select(port => new Candidate(new IPEndPoint(IPAddress.Parse("192.168.7.21"), port), CandidateKind.Interface)), Network, OwnPort).Count);
    }

    [Fact]
    public void What_an_attempt_has_dialled_counts_for_its_later_offers()
    {
        var rules = new CandidateRules(DirectMode.Auto, TimeProvider.System);
        Candidate[] offered = [.. Enumerable.Range(1, 8).Select(i => new Candidate(new IPEndPoint(new IPAddress([10, 0, 0, (byte)i]), 5000), CandidateKind.Interface))];
        Assert.Equal(3, rules.Choose(offered, Network, OwnPort, already: 5).Count);
        Assert.Empty(rules.Choose(offered, Network, OwnPort, already: 8));
    }

    [Fact]
    public void A_further_connection_goes_to_the_address_of_the_first_one_only()
    {
        Candidate[] offered = [new(IPEndPoint.Parse("10.0.0.1:5000"), CandidateKind.Interface), new(IPEndPoint.Parse("10.0.0.2:5000"), CandidateKind.Interface)];
        DialTarget target = Assert.Single(new CandidateRules(DirectMode.Auto, TimeProvider.System).Choose(offered, Network, OwnPort, only: IPAddress.Parse("10.0.0.2")));
        Assert.Equal("10.0.0.2:5000", target.EndPoint.ToString());
    }

    private static List<(string Address, string Way)> Choose(DirectMode mode, params (string Address, CandidateKind Kind)[] offered)
        => [.. new CandidateRules(mode, TimeProvider.System).Choose(offered.Select(o => new Candidate(IPEndPoint.Parse(o.Address), o.Kind)), Network, OwnPort).Select(t => (t.EndPoint.ToString(), t.Way.ToString()))];
}
