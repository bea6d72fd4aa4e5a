using System.Globalization;
using System.Text.Json;
using P2PCopy.Session.Discovery;
using P2PCopy.Tests.Documentation;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Direct;

/// <summary>The code alone, on one network: both sides find each other, in a lab of namespaces.</summary>
[Collection(nameof(LabCollection))]
public sealed class DiscoveryTests : IDisposable
{
    private const string Code = "disc22-acorn-bamboo-cactus-dolphin";
    private const string NothingFound = "nothing-found";

    private readonly TemporaryFolder _folder = new();

    public DiscoveryTests()
    {
        byte[] content = new byte[3 << 20];
        new Random(3).NextBytes(content);
        File.WriteAllBytes(_folder["content.bin"], content);
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Networks => new()
    {
        { "two machines", "" },
        { "two machines with IPv6 only", "for n in a b; do net $n addr flush dev up; done; net a -6 addr add fd77::2/64 dev up nodad; net b -6 addr add fd77::3/64 dev up nodad" },
        { "a bridge with snooping", "net na link set dev in type bridge mcast_snooping 1" },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public async Task Send_and_receive_need_nothing_but_the_code(string what, string change)
    {
        await using NetworkLab lab = await StartAsync();
        await lab.RunAsync(change);
        await using ToolProcess sender = Send(lab);
        await sender.WaitForEventAsync("waiting");
        await using ToolProcess receiver = Receive(lab, "b");
        await ExpectCopyAsync(sender, receiver);
        Assert.False(receiver.HasSaid(NothingFound), what + receiver.Said);
    }

    [Fact]
    public async Task On_one_machine_without_a_network_both_sides_find_each_other()
    {
        await using NetworkLab lab = await StartAsync();
        await lab.RunAsync("net a link del dev up");
        await using ToolProcess receiver = Receive(lab, "a");
        await receiver.WaitForEventAsync(NothingFound);
        await using ToolProcess sender = Send(lab);
        await ExpectCopyAsync(sender, receiver);
    }

    /// <summary>One side knows a relay and the other one does not: they meet on their network.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_runs_beside_the_relay_of_one_side(bool senderHasRelay)
    {
        await using NetworkLab lab = await StartAsync();
        await using ToolProcess relay = await lab.StartRelayAsync();
        string[] known = ["--relay", NetworkLab.Relay];
        await using ToolProcess sender = Send(lab, senderHasRelay ? known : []);
        await using ToolProcess receiver = Receive(lab, "b", senderHasRelay ? [] : known);
        await ExpectCopyAsync(sender, receiver);
    }

    [Fact]
    public async Task With_a_relay_on_both_sides_they_meet_once()
    {
        await using NetworkLab lab = await StartAsync();
        await using ToolProcess relay = await lab.StartRelayAsync();
        for (int round = 0; round < 3; round++)
        {
            Directory.Delete(Directory.CreateDirectory(_folder["copy"]).FullName, recursive: true);
            await using ToolProcess sender = Send(lab, "--relay", NetworkLab.Relay);
            await using ToolProcess receiver = Receive(lab, "b", "--relay", NetworkLab.Relay);
            await ExpectCopyAsync(sender, receiver);
            Assert.False(sender.HasSaid("wrong-code") || receiver.HasSaid("wrong-code"), sender.Said + receiver.Said);
        }
    }

    [Fact]
    public async Task Without_an_answer_it_says_what_was_asked_and_the_ways_on()
    {
        await using NetworkLab lab = await StartAsync();
        await using ToolProcess receiver = Receive(lab, "b");
        await receiver.WaitForEventAsync(NothingFound);
        JsonElement found = receiver.Events.Single(e => e.GetProperty("event").GetString() == NothingFound);
        Assert.InRange(found.GetProperty("time").GetDouble(), 2, 3 + 2); // the start of the process counts too, on a busy machine
        string message = found.GetProperty("message").GetString()!, hint = found.GetProperty("hint").GetString()!;
        Assert.All(DiscoveryMessage.Groups, group => Assert.Contains(group.ToString(), message, StringComparison.Ordinal));
        Assert.Contains("on up", message, StringComparison.Ordinal);
        Assert.Contains("--relay", hint, StringComparison.Ordinal);
        Assert.Contains("firewall on the sending machine", hint, StringComparison.Ordinal);

        // It goes on: a sender that starts later is found.
        await using ToolProcess sender = Send(lab);
        await ExpectCopyAsync(sender, receiver);
    }

    [Fact]
    public async Task On_a_network_without_multicast_it_says_so_and_the_wait_goes_on_at_the_relay()
    {
        await using NetworkLab lab = await StartAsync();
        await lab.RunAsync("for n in a b; do net $n link set dev up multicast off; on $n iptables -A OUTPUT -d 224.0.0.0/4 -j DROP; done");
        await using ToolProcess relay = await lab.StartRelayAsync();
        await using ToolProcess receiver = Receive(lab, "b", "--relay", NetworkLab.Relay);
        await receiver.WaitForEventAsync(NothingFound);
        Assert.Contains("none takes multicast", receiver.Said, StringComparison.Ordinal);
        await using ToolProcess sender = Send(lab, "--relay", NetworkLab.Relay);
        await ExpectCopyAsync(sender, receiver);
    }

    [Fact]
    public async Task The_receiver_may_run_the_relay()
    {
        await using NetworkLab lab = await StartAsync();
        await lab.RunAsync("on a iptables -A INPUT -p tcp -m conntrack --ctstate NEW -j DROP");
        await using ToolProcess receiver = Receive(lab, "b", "--listen", "10.1.0.3:8765");
        await receiver.WaitForEventAsync("waiting");
        await using ToolProcess sender = Send(lab);
        await ExpectCopyAsync(sender, receiver);
    }

    [Fact]
    public async Task A_relay_that_a_firewall_hides_is_named()
    {
        await using NetworkLab lab = await StartAsync();
        await lab.RunAsync("on a iptables -A INPUT ! -i lo -p tcp -j DROP");
        await using ToolProcess sender = Send(lab);
        await sender.WaitForEventAsync("waiting");
        await using ToolProcess receiver = Receive(lab, "b");
        await receiver.WaitForEventAsync(NothingFound);
        string said = receiver.Said;
        Assert.Contains("its relay at ws://10.1.0.2:", said, StringComparison.Ordinal);
        Assert.Contains("firewall on the sending machine", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_that_is_started_again_is_found_at_its_new_port()
    {
        await using NetworkLab lab = await StartAsync();
        await using ToolProcess first = Send(lab, "--bandwidth-limit", "300KiB");
        await using ToolProcess receiver = Receive(lab, "b");
        await first.WaitForEventAsync("offer");
        await first.KillAsync();
        await using ToolProcess second = Send(lab);
        await ExpectCopyAsync(second, receiver);
    }

    [Fact]
    public async Task A_standing_receiver_finds_one_sender_after_another()
    {
        await using NetworkLab lab = await StartAsync();
        await using ToolProcess receiver = Receive(lab, "b", "--continuous");
        for (int i = 0; i < 2; i++)
        {
            await using ToolProcess sender = Send(lab);
            Assert.True(await sender.WaitAsync() == 0, sender.Said + receiver.Said);
        }

        receiver.Terminate();
        Assert.Equal(0, await receiver.WaitAsync());
    }

    [Fact]
    public async Task The_second_implementation_finds_the_sender()
    {
        await using NetworkLab lab = await StartAsync();
        await using ToolProcess sender = Send(lab);
        (int status, string said) = await PythonAsync(lab, "b", "-m", "p2pcopy_interop", "receive", _folder["copy"], "--discover", "10.1.0.3", "--code", Code);
        Assert.True(status == 0, said + sender.Said);
        Assert.Equal(0, await sender.WaitAsync());
        Assert.Equal(await File.ReadAllBytesAsync(_folder["content.bin"]), await File.ReadAllBytesAsync(_folder["copy/content.bin"]));
    }

    /// <summary>
    /// A machine of the network answers every query with things that prove nothing, and floods both sides, which costs less
    /// than a hundredth of a processor. A query gets one answer, of its own length, and an address of another network gets none.
    /// </summary>
    [Fact]
    public async Task A_hostile_machine_of_the_network_gets_nothing()
    {
        await using NetworkLab lab = await StartAsync();
        await lab.RunAsync("add x; ip link add name up netns $p-x type veth peer name inx netns $p-na; net na link set dev inx master in; net na link set dev inx up; net x addr add 10.1.0.9/24 dev up; net x addr add 10.99.0.9/24 dev up; net x link set dev up up; net a route add 10.99.0.0/24 dev up");
        await using ToolProcess sender = Send(lab);
        await sender.WaitForEventAsync("waiting");
        await using ToolProcess receiver = Receive(lab, "b", "--code-file", WrongRoute());
        await receiver.WaitForEventAsync(NothingFound);
        (int status, string said) = await PythonAsync(lab, "x", Path.Combine(Repository.Root, "tests/Interop/hostile_discovery.py"), PairingCode.Parse(Code).Route, "10.1.0.9", "10.99.0.9", Processes(sender), Processes(receiver));
        Assert.True(status == 0, said);
        Assert.DoesNotContain("\"dialling\"", receiver.Said, StringComparison.Ordinal);
        Assert.False(receiver.HasSaid("paired"));
        await using ToolProcess right = Receive(lab, "b");
        await ExpectCopyAsync(sender, right);
    }

    /// <summary>The environment of all other tests, documentation runs and benchmarks.</summary>
    [Fact]
    public async Task With_both_off_no_packet_leaves_for_another_address_than_the_relay()
    {
        const string Count = "for n in a b; do for protocol in tcp udp; do on $n iptables -A OUTPUT -o up -p $protocol ! -d 192.0.2.2; on $n ip6tables -A OUTPUT -o up -p $protocol; done; done";
        const string None = "for n in a b; do for t in iptables ip6tables; do test $(on $n $t -nvxL OUTPUT | awk 'NR > 2 { sum += $1 } END { print sum + 0 }') = 0; done; done";
        await using NetworkLab lab = await StartAsync();
        await lab.RunAsync(Count);
        await using ToolProcess relay = await lab.StartRelayAsync();
        await using (ToolProcess sender = lab.Start("a", DirectMode.Off, Code, ["send", _folder["content.bin"], "--json", "--relay", NetworkLab.Relay]))
        await using (ToolProcess receiver = lab.Start("b", DirectMode.Off, Code, ["receive", _folder["copy"], "--json", "--relay", NetworkLab.Relay]))
            await ExpectCopyAsync(sender, receiver);
        await lab.RunAsync(None);
    }

    private string WrongRoute()
    {
        File.WriteAllText(_folder["code"], "other2-correct-horse-battery-staple");
        TemporaryFolder.SetMode(_folder["code"], (int)(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        return _folder["code"];
    }

    private static string Processes(ToolProcess tool) => tool.Id.ToString(CultureInfo.InvariantCulture);

    private static async Task<NetworkLab> StartAsync()
    {
        Assert.SkipWhen(NetworkLab.Obstacle is not null, NetworkLab.Obstacle ?? "");
        return await NetworkLab.CreateLanAsync();
    }

    private ToolProcess Send(NetworkLab lab, params string[] options)
        => lab.StartFinding("a", Code, ["send", _folder["content.bin"], "--json", "--compression", "off", .. options]);

    private ToolProcess Receive(NetworkLab lab, string host, params string[] options)
        => lab.StartFinding(host, options.Contains("--code-file") ? null : Code, ["receive", _folder["copy"], "--json", .. options]);

    private async Task ExpectCopyAsync(ToolProcess sender, ToolProcess receiver)
    {
        int sent = await sender.WaitAsync();
        Assert.True(sent == 0, sender.Said + "\n\n" + receiver.Said);
        Assert.True(await receiver.WaitAsync() == 0, receiver.Said);
        Assert.Equal(await File.ReadAllBytesAsync(_folder["content.bin"]), await File.ReadAllBytesAsync(_folder["copy/content.bin"]));
    }

    private static Task<(int Status, string Said)> PythonAsync(NetworkLab lab, string host, params string[] arguments)
        => DirectInteropTests.PythonAsync(lab, host, arguments);
}
