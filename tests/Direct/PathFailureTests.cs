using System.Text.Json;

namespace P2PCopy.Tests.Direct;

/// <summary>Paths that fail while content moves: nothing is lost, nothing starts again, and the other path takes over.</summary>
[Collection(nameof(LabCollection))]
public sealed class PathFailureTests
{
    private const string DropBetween = "on b iptables -A INPUT -s 10.1.0.2 -j DROP; on b iptables -A OUTPUT -d 10.1.0.2 -j DROP";
    private const string RejectBetween = "on b iptables -A INPUT -p tcp -s 10.1.0.2 -j REJECT --reject-with tcp-reset";
    private const string DropRelay = "on r iptables -A INPUT -j DROP; on r iptables -A OUTPUT -j DROP";
    private const string RestoreRelay = "on r iptables -F";
    private const string RestoreBetween = "on b iptables -F";

    [Theory]
    [InlineData(DropBetween)]
    [InlineData(RejectBetween)]
    public async Task When_the_direct_path_fails_the_relay_takes_over(string fault)
    {
        await using NetworkLab lab = await StartAsync();
        await using LabRun run = await RunAsync(lab);
        await lab.RunAsync(fault);
        JsonElement summary = await run.EndAsync();
        Assert.Equal(["direct 10.1.0.3", "relay "], LabRun.Paths(run.Sender));
        AssertNothingBegan(run, summary);
        // What was on its way, at most the window.
        Assert.InRange(summary.GetProperty("chunksRepeated").GetInt64(), 0, 24);
        Assert.True(summary.GetProperty("bytesRelayed").GetInt64() > 8 << 20, run.Sender.Said);
    }

    [Fact]
    public async Task A_direct_path_that_comes_back_is_used_again()
    {
        await using NetworkLab lab = await StartAsync();
        await using LabRun run = await RunAsync(lab, length: 96 << 20);
        await lab.RunAsync(RejectBetween);
        await run.Sender.WaitForLineAsync(l => l.StartsWith("{\"event\":\"path\"", StringComparison.Ordinal) && l.Contains("\"relay\"", StringComparison.Ordinal));
        await lab.RunAsync(RestoreBetween);
        JsonElement summary = await run.EndAsync();
        Assert.Equal(["direct 10.1.0.3", "relay ", "direct 10.1.0.3"], LabRun.Paths(run.Sender));
        AssertNothingBegan(run, summary);
    }

    [Fact]
    public async Task When_the_relay_is_gone_the_content_goes_on_directly()
    {
        await using NetworkLab lab = await StartAsync();
        await using LabRun run = await RunAsync(lab);
        await lab.RunAsync(DropRelay);
        JsonElement summary = await run.EndAsync();
        Assert.Equal(["direct 10.1.0.3"], LabRun.Paths(run.Sender));
        AssertNothingBegan(run, summary);
    }

    [Fact]
    public async Task When_both_paths_fail_for_a_while_the_content_goes_on_afterwards()
    {
        await using NetworkLab lab = await StartAsync();
        await using LabRun run = await RunAsync(lab);
        await lab.RunAsync("on r iptables -A INPUT -p tcp -j REJECT --reject-with tcp-reset; " + RejectBetween);
        await run.Sender.WaitForEventAsync("reconnecting");
        await lab.RunAsync(RestoreRelay + "; " + RestoreBetween);
        JsonElement summary = await run.EndAsync();
        Assert.Equal(1, summary.GetProperty("reconnects").GetInt32());
        Assert.InRange(summary.GetProperty("chunksRepeated").GetInt64(), 0, 24);
    }

    [Fact]
    public async Task A_side_that_gets_another_address_goes_on_and_is_direct_again()
    {
        await using NetworkLab lab = await StartAsync();
        await using LabRun run = await RunAsync(lab, length: 160 << 20);
        // From one network to another: the old address is gone, its packets are lost.
        await lab.RunAsync("net b addr flush dev up; net b addr add 10.1.0.33/24 dev up; net b route add default via 10.1.0.1; on a iptables -A OUTPUT -d 10.1.0.3 -j DROP");
        JsonElement summary = await run.EndAsync();
        Assert.Equal("direct 10.1.0.33", LabRun.Paths(run.Sender)[^1]);
        Assert.InRange(summary.GetProperty("chunksRepeated").GetInt64(), 0, 48);
    }

    [Fact]
    public async Task A_direct_path_that_is_slower_than_the_relay_is_left()
    {
        await using NetworkLab lab = await StartAsync();
        // From the beginning the direct path loses all packets above a rate; the relay does not.
        await lab.RunAsync("net a link set dev up gso_max_size 2000 gso_max_segs 1; on b iptables -A INPUT -s 10.1.0.2 -m limit --limit 300/s --limit-burst 60 -j ACCEPT; on b iptables -A INPUT -s 10.1.0.2 -j DROP");
        await using var run = new LabRun { Length = 64 << 20 };
        await run.StartAsync(lab);
        JsonElement summary = await run.EndAsync();
        Assert.True(summary.GetProperty("bytesRelayed").GetInt64() > 40 << 20, run.Sender.Said);
        AssertNothingBegan(run, summary);
    }

    private static async Task<NetworkLab> StartAsync()
    {
        Assert.SkipWhen(NetworkLab.Obstacle is not null, NetworkLab.Obstacle ?? "");
        return await NetworkLab.CreateLanAsync();
    }

    private static async Task<LabRun> RunAsync(NetworkLab lab, int length = 40 << 20)
    {
        var run = new LabRun { Length = length };
        try
        {
            await run.StartAsync(lab);
            await run.Sender.WaitForEventAsync("path");
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    private static void AssertNothingBegan(LabRun run, JsonElement summary)
    {
        Assert.Equal(0, summary.GetProperty("reconnects").GetInt32());
        Assert.False(run.Sender.HasSaid("reconnecting") || run.Receiver.HasSaid("reconnecting"), run.Sender.Said);
    }
}
