using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Deployment;

/// <summary>A relay as a process: what signals do to it.</summary>
public class RelayProcessTests
{
    [Fact]
    public async Task The_first_SIGTERM_drains_and_a_second_one_ends_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using DeployedTool relay = await DeployedTool.StartRelayAsync("127.0.0.1:0", "--drain-timeout", "600");
        using RawClient sender = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send");
        await sender.ExpectHintAsync("waiting");
        using RawClient receiver = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "receive");
        await receiver.ExpectHintAsync("paired");
        await sender.ExpectHintAsync("paired");

        relay.Terminate();
        await sender.ExpectHintAsync("draining");
        await sender.SendAsync(RawClient.Frame(2, [7]));
        await receiver.ExpectHintAsync("draining");
        Assert.Equal((byte)7, (await receiver.ReadFrameAsync())!.Value.Payload[0]);
        Assert.False(relay.HasExited);

        relay.Terminate();
        Assert.Equal(130, await relay.WaitAsync());
    }

    [Fact]
    public async Task One_SIGTERM_is_enough_when_no_client_is_paired_and_the_exit_status_is_0()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using DeployedTool relay = await DeployedTool.StartRelayAsync("127.0.0.1:0", "--drain-timeout", "600");
        using RawClient sender = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send");
        await sender.ExpectHintAsync("waiting");
        relay.Terminate();
        await sender.ExpectHintAsync("draining");
        Assert.Equal(0, await relay.WaitAsync());
    }
}
