using System.Diagnostics;
using System.Globalization;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Direct;

/// <summary>How a side of the lab reaches the other one.</summary>
public enum LabSide
{
    /// <summary>A public address.</summary>
    Open,

    /// <summary>Behind a router that drops what no connection from inside asked for.</summary>
    NatDrop,

    /// <summary>Behind a router that answers it with a reset.</summary>
    NatReject,

    /// <summary>Behind a router that picks a port per connection.</summary>
    NatRandom,

    /// <summary>Behind two routers in a row that drop.</summary>
    NatTwice,
}

/// <summary>
/// A small Internet of network namespaces: a sender <c>a</c>, a receiver <c>b</c>, a relay <c>r</c>, the routers of both sides,
/// and a core of three routers between them. Its namespaces and all processes in them are gone when it is disposed.
/// </summary>
internal sealed class NetworkLab : IAsyncDisposable
{
    public const string RelayAddress = "192.0.2.2";
    public const string Relay = "ws://192.0.2.2:8765";

    private const string Prefix = "p2plab";
    private static int LabCount;

    private readonly string _prefix = $"{Prefix}{Environment.ProcessId}x{Interlocked.Increment(ref LabCount)}";

    /// <summary>Why there can be no lab here; null if there can.</summary>
    public static string? Obstacle { get; } = FindObstacle();

    /// <summary>The routers of the public part.</summary>
    private static string Core => """
        for n in a b r c1 c2 c3; do add $n; done
        for n in c1 c2 c3; do on $n sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; done
        wire c1 r2 172.16.1.1/24 c2 l1 172.16.1.2/24
        wire c2 r3 172.16.2.1/24 c3 l2 172.16.2.2/24
        wire c1 rel 192.0.2.1/24 r up 192.0.2.2/24
        net c1 route add 198.51.100.0/24 via 172.16.1.2; net c2 route add 198.51.100.0/24 via 172.16.2.2
        net c2 route add 203.0.113.0/24 via 172.16.1.1;  net c3 route add 203.0.113.0/24 via 172.16.2.1
        net c2 route add 192.0.2.0/24 via 172.16.1.1;    net c3 route add 192.0.2.0/24 via 172.16.2.1
        net r route add default via 192.0.2.1

        """;

    /// <summary>Two sides on the Internet.</summary>
    public static async Task<NetworkLab> CreateAsync(LabSide sender, LabSide receiver)
    {
        var lab = new NetworkLab();
        try
        {
            await lab.RunAsync(Core + Side("a", "203.0.113", "c1", 1, sender) + Side("b", "198.51.100", "c3", 2, receiver));
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Two sides with public IPv6 addresses and firewalls that let nothing in, beside IPv4 through routers that pick a port per
    /// connection.
    /// </summary>
    public static async Task<NetworkLab> CreateIPv6Async(bool rejects)
    {
        NetworkLab lab = await CreateAsync(LabSide.NatRandom, LabSide.NatRandom);
        string answer = rejects ? "REJECT --reject-with tcp-reset" : "DROP";
        try
        {
            await lab.RunAsync($"""
                for n in na nb; do on $n sysctl -qw net.ipv6.conf.all.forwarding=1; done
                net c1 -6 addr add 2001:db8:12::1/64 dev r2 nodad;  net c2 -6 addr add 2001:db8:12::2/64 dev l1 nodad
                net c2 -6 addr add 2001:db8:23::2/64 dev r3 nodad;  net c3 -6 addr add 2001:db8:23::3/64 dev l2 nodad
                side6() ( net $1 -6 addr add 2001:db8:$3::2/64 dev up nodad; net n$1 -6 addr add 2001:db8:$3::1/64 dev in nodad
                  net n$1 -6 addr add 2001:db8:$3:1::2/64 dev out nodad; net $2 -6 addr add 2001:db8:$3:1::1/64 dev n$1 nodad
                  net $1 -6 route add default via 2001:db8:$3::1; net n$1 -6 route add default via 2001:db8:$3:1::1
                  net $2 -6 route add 2001:db8:$3::/64 via 2001:db8:$3:1::2
                  on n$1 ip6tables -A FORWARD -i out -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
                  on n$1 ip6tables -A FORWARD -i out -p tcp -j {answer} )
                side6 a c1 a; side6 b c3 b
                net c1 -6 route add 2001:db8:b::/64 via 2001:db8:12::2; net c2 -6 route add 2001:db8:b::/64 via 2001:db8:23::3
                net c2 -6 route add 2001:db8:a::/64 via 2001:db8:12::1; net c3 -6 route add 2001:db8:a::/64 via 2001:db8:23::2
                """);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Both sides on one network, behind one router.</summary>
    public static async Task<NetworkLab> CreateLanAsync()
    {
        var lab = new NetworkLab();
        try
        {
            await lab.RunAsync(Core + """
                add na; on na sysctl -qw net.ipv4.ip_forward=1
                net na link add name in type bridge; net na addr add 10.1.0.1/24 dev in; net na link set dev in up
                for n in a b; do
                  ip link add name up netns $p-$n type veth peer name in$n netns $p-na
                  net na link set dev in$n master in; net na link set dev in$n up; net $n link set dev up up
                done
                net a addr add 10.1.0.2/24 dev up; net a route add default via 10.1.0.1
                net b addr add 10.1.0.3/24 dev up; net b route add default via 10.1.0.1
                wire c1 na 203.0.113.1/24 na out 203.0.113.2/24
                net na route add default via 203.0.113.1
                on na iptables -t nat -A POSTROUTING -o out -j MASQUERADE
                """);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>The full name of a namespace.</summary>
    public string Of(string host) => $"{_prefix}-{host}";

    /// <summary>Runs the relay.</summary>
    public async Task<ToolProcess> StartRelayAsync(params IEnumerable<string> arguments)
    {
        ToolProcess relay = ToolProcess.StartIn(Of("r"), DirectMode.Off, null, ["relay", "--listen", "0.0.0.0:8765", .. arguments]);
        await relay.WaitForLineAsync(l => l.StartsWith("listening on ", StringComparison.Ordinal));
        return relay;
    }

    /// <summary>Runs the tool on a host.</summary>
    public ToolProcess Start(string host, DirectMode direct, string code, params IEnumerable<string> arguments)
        => ToolProcess.StartIn(Of(host), direct, code, arguments);

    /// <summary>Runs the tool on a host where it looks for the other side.</summary>
    public ToolProcess StartFinding(string host, string? code, params IEnumerable<string> arguments)
        => ToolProcess.StartIn(Of(host), DirectMode.Auto, code, arguments, DiscoveryMode.Auto);

    /// <summary>Runs lines of a shell: <c>on HOST command</c>, <c>net HOST arguments of ip</c>.</summary>
    public async Task RunAsync(string script)
    {
        const string Functions = """
            set -e
            add() { ip netns add $p-$1; ip -n $p-$1 link set dev lo up; }
            on() { h=$1; shift; ip netns exec $p-$h "$@"; }
            net() { h=$1; shift; ip -n $p-$h "$@"; }
            wire() { ip link add name $2 netns $p-$1 type veth peer name $5 netns $p-$4
              net $1 addr add $3 dev $2; net $1 link set dev $2 up; net $4 addr add $6 dev $5; net $4 link set dev $5 up; }

            """;
        (int status, string said) = await ExecuteAsync("bash", "-c", $"p={_prefix}\n{Functions}{script}");
        Assert.True(status == 0, said);
    }

    public async ValueTask DisposeAsync() => await RemoveAsync(name => name.StartsWith(_prefix + "-", StringComparison.Ordinal));

    private static string Side(string host, string network, string core, int number, LabSide side)
    {
        if (side == LabSide.Open)
        {
            return $"""
                wire {core} {host} {network}.1/24 {host} up {network}.2/24
                net {host} route add default via {network}.1

                """;
        }

        string nat = side == LabSide.NatRandom ? "MASQUERADE --random-fully" : "MASQUERADE";
        string answer = side == LabSide.NatReject ? "REJECT --reject-with tcp-reset" : "DROP";
        string Router(string name) => $"""
            on {name} sysctl -qw net.ipv4.ip_forward=1
            on {name} iptables -t nat -A POSTROUTING -o out -j {nat}
            on {name} iptables -A FORWARD -i out -m conntrack --ctstate NEW -j DROP
            on {name} iptables -A INPUT -i out -p tcp -m conntrack --ctstate NEW -j {answer}

            """;
        string outer = side == LabSide.NatTwice ? $"n2{host}" : $"n{host}";
        string text = $"""
            add n{host}
            wire n{host} in 10.{number}.0.1/24 {host} up 10.{number}.0.2/24
            net {host} route add default via 10.{number}.0.1

            """;
        if (side == LabSide.NatTwice)
        {
            text += $"""
                add {outer}
                wire {outer} in 10.{number}.1.1/24 n{host} out 10.{number}.1.2/24
                net n{host} route add default via 10.{number}.1.1

                """ + Router($"n{host}");
        }

        return text + $"""
            wire {core} n{host} {network}.1/24 {outer} out {network}.2/24
            net {outer} route add default via {network}.1

            """ + Router(outer);
    }

    private static string? FindObstacle()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            return "The lab of network namespaces needs Linux and root.";
        (int status, string said) = ExecuteAsync("bash", "-c", $"n={Prefix}{Environment.ProcessId}probe; ip netns add $n && ip netns exec $n iptables -t nat -L >/dev/null && ip netns exec $n ip link add a1 type veth peer name a2; s=$?; ip netns del $n; exit $s").GetAwaiter().GetResult();
        if (status != 0)
            return "The lab needs ip, iptables and the right to make network namespaces: " + said;
        RemoveAsync(IsOrphan).GetAwaiter().GetResult();
        return null;
    }

    /// <summary>Whether a namespace is of a test process that was killed.</summary>
    private static bool IsOrphan(string name)
        => name.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Prefix.Length).ToString().Split('x', 'p')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int owner)
            && !Directory.Exists($"/proc/{owner}");

    private static async Task RemoveAsync(Func<string, bool> which)
    {
        (_, string list) = await ExecuteAsync("ip", "netns", "list");
        foreach (string name in list.Split('\n').Select(line => line.Split(' ')[0]).Where(which))
        {
            (_, string processes) = await ExecuteAsync("ip", "netns", "pids", name);
            foreach (string process in processes.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                await ExecuteAsync("kill", "-9", process);
            await ExecuteAsync("ip", "netns", "del", name);
        }
    }

    private static async Task<(int Status, string Said)> ExecuteAsync(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string said = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, said + await error);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, e.Message);
        }
    }
}
