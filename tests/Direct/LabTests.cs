using System.Text.Json;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Direct;

/// <summary>Which path the content takes in each kind of network, in a lab of namespaces. It is always the right content.</summary>
[Collection(nameof(LabCollection))]
public sealed class LabTests
{
    [Theory]
    [InlineData(LabSide.Open, LabSide.Open)]
    [InlineData(LabSide.NatDrop, LabSide.Open)]
    [InlineData(LabSide.Open, LabSide.NatReject)]
    [InlineData(LabSide.NatDrop, LabSide.NatDrop)]
    [InlineData(LabSide.NatReject, LabSide.NatReject)]
    [InlineData(LabSide.NatDrop, LabSide.NatReject)]
    [InlineData(LabSide.NatTwice, LabSide.NatDrop)]
    [InlineData(LabSide.NatTwice, LabSide.NatTwice)]
    [InlineData(LabSide.NatRandom, LabSide.Open)]
    public async Task The_content_goes_directly(LabSide sender, LabSide receiver)
    {
        Assert.SkipWhen(NetworkLab.Obstacle is not null, NetworkLab.Obstacle ?? "");
        await using NetworkLab lab = await NetworkLab.CreateAsync(sender, receiver);
        await ExpectDirectAsync(lab);
    }

    [Theory]
    [InlineData(LabSide.NatRandom, LabSide.NatRandom)]
    [InlineData(LabSide.NatRandom, LabSide.NatDrop)]
    public async Task The_content_goes_through_the_relay(LabSide sender, LabSide receiver)
    {
        Assert.SkipWhen(NetworkLab.Obstacle is not null, NetworkLab.Obstacle ?? "");
        await using NetworkLab lab = await NetworkLab.CreateAsync(sender, receiver);
        await using var run = new LabRun();
        await run.StartAsync(lab);
        JsonElement summary = await run.EndAsync();
        Assert.Empty(LabRun.Paths(run.Sender));
        Assert.Equal(0, summary.GetProperty("bytesDirect").GetInt64());
        Assert.NotEmpty(LabRun.Dialled(run.Sender));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IPv6_goes_directly_through_firewalls(bool rejects)
    {
        Assert.SkipWhen(NetworkLab.Obstacle is not null, NetworkLab.Obstacle ?? "");
        await using NetworkLab lab = await NetworkLab.CreateIPv6Async(rejects);
        // The second repetition of the first packet opens the way, three seconds after it; a shorter copy is over by then.
        IReadOnlyList<string> paths = await ExpectDirectAsync(lab, 80 << 20);
        Assert.Contains("direct 2001:db8:b::2", paths);
    }

    [Theory]
    [InlineData("a", "b", DirectMode.Auto)]
    [InlineData("b", "a", DirectMode.Lan)]
    [InlineData("a", "b", DirectMode.Only)]
    [InlineData("a", "a", DirectMode.Auto)]
    public async Task On_one_network_and_on_one_host_almost_nothing_passes_the_relay(string sender, string receiver, DirectMode mode)
    {
        Assert.SkipWhen(NetworkLab.Obstacle is not null, NetworkLab.Obstacle ?? "");
        await using NetworkLab lab = await NetworkLab.CreateLanAsync();
        await using var run = new LabRun { Length = 64 << 20, Rate = "0" };
        await run.StartAsync(lab, sender, receiver, mode);
        JsonElement summary = await run.EndAsync();
        // Four chunks wait for nothing.
        Assert.InRange(summary.GetProperty("bytesRelayed").GetInt64(), 1, 6 << 20);
        Assert.InRange(summary.GetProperty("bytesDirect").GetInt64(), 58 << 20, 80 << 20);
    }

    [Theory]
    [InlineData(LabSide.Open, NatKind.None, true)]
    [InlineData(LabSide.NatDrop, NatKind.KeepsPorts, true)]
    [InlineData(LabSide.NatTwice, NatKind.KeepsPorts, true)]
    [InlineData(LabSide.NatRandom, NatKind.ChangesPorts, null)]
    public async Task The_test_of_a_relay_says_what_to_expect(LabSide side, NatKind nat, bool? isExpected)
    {
        Assert.SkipWhen(NetworkLab.Obstacle is not null, NetworkLab.Obstacle ?? "");
        await using NetworkLab lab = await NetworkLab.CreateAsync(side, LabSide.Open);
        await using ToolProcess relay = await lab.StartRelayAsync();
        await using ToolProcess test = lab.Start("a", DirectMode.Auto, "lab234-correct-horse-battery-staple", ["test", NetworkLab.Relay, "--measure", "0", "--json"]);
        Assert.True(await test.WaitAsync() == 0, test.Said);

        JsonElement direct = test.Events.Single().GetProperty("direct");
        Assert.Equal(nat.ToString(), direct.GetProperty("nat").GetString(), ignoreCase: true);
        Assert.Equal(isExpected, direct.GetProperty("expected").ValueKind == JsonValueKind.Null ? null : direct.GetProperty("expected").GetBoolean());
        Assert.StartsWith("203.0.113.", direct.GetProperty("seenByRelay").GetString());
    }

    private static async Task<IReadOnlyList<string>> ExpectDirectAsync(NetworkLab lab, int? length = null)
    {
        await using var run = length is { } given ? new LabRun { Length = given } : new LabRun();
        await run.StartAsync(lab);
        JsonElement summary = await run.EndAsync();
        string all = $"{run.Sender.Said}\n\n{run.Receiver.Said}";
        Assert.True(LabRun.Paths(run.Sender).Count == 1 && LabRun.Paths(run.Receiver).Count == 1, all);
        Assert.True(summary.GetProperty("bytesDirect").GetInt64() > 4 << 20, all);
        return LabRun.Paths(run.Sender);
    }
}
