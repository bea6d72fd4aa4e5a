using System.Diagnostics;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Processes;

/// <summary>Signals in the middle of a transfer.</summary>
public sealed class StopTests : IDisposable
{
    private const string Code = "route8-correct-horse-battery";

    /// <summary>Seconds. They are too few for a wait for a connection or a peer, see <see cref="LongWaits"/>. bench/ measures the actual time.</summary>
    private const double Soon = 180;

    private static readonly string[] LongWaits = ["--silence-timeout", "600", "--retry-timeout", "600", "--connection-timeout", "600"];

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(true, nameof(ToolProcess.Interrupt))]
    [InlineData(true, nameof(ToolProcess.Terminate))]
    [InlineData(true, nameof(ToolProcess.HangUp))]
    [InlineData(false, nameof(ToolProcess.Interrupt))]
    [InlineData(false, nameof(ToolProcess.Terminate))]
    [InlineData(false, nameof(ToolProcess.HangUp))]
    public async Task A_signal_ends_that_side_with_130_the_other_with_8_and_the_next_run_goes_on(bool stopsSender, string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals here.");
        byte[] content = Offer(16 << 20);
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        string[] send = ["send", _folder["source/big.bin"], "--relay", address.AbsoluteUri, .. LongWaits];
        string[] receive = ["receive", _folder["arrived"], "--relay", address.AbsoluteUri, "--json", .. LongWaits];
        await using (ToolProcess sender = ToolProcess.Start(Code, [.. send, "--bandwidth-limit", "6MiB"]))
        await using (ToolProcess receiver = ToolProcess.Start(Code, receive))
        {
            await WaitForPartialAsync(4 << 20);
            (ToolProcess stopped, ToolProcess other) = stopsSender ? (sender, receiver) : (receiver, sender);
            var time = Stopwatch.StartNew();
            switch (signal)
            {
                case nameof(ToolProcess.Interrupt):
                    stopped.Interrupt();
                    break;
                case nameof(ToolProcess.Terminate):
                    stopped.Terminate();
                    break;
                default:
                    // A shell that loses its terminal tells its jobs, and then the kernel tells them once more.
                    stopped.HangUp();
                    stopped.HangUp();
                    break;
            }

            Assert.True(await stopped.WaitAsync() == 130, stopped.Said);
            Assert.True(await other.WaitAsync() == 8, other.Said);
            Assert.InRange(time.Elapsed.TotalSeconds, 0, Soon);
            Assert.False(File.Exists(_folder["arrived/big.bin"]));
        }

        await using ToolProcess senderAgain = ToolProcess.Start(Code, send);
        await using ToolProcess receiverAgain = ToolProcess.Start(Code, receive);
        int[] status = [await senderAgain.WaitAsync(), await receiverAgain.WaitAsync()];

        Assert.True(status is [0, 0], senderAgain.Said + receiverAgain.Said);
        Assert.Equal(content, File.ReadAllBytes(_folder["arrived/big.bin"]));
        Assert.InRange(receiverAgain.Events.Last(e => e.GetProperty("event").GetString() == "summary").GetProperty("bytesTransferred").GetInt64(), 1, 13 << 20);
        Assert.Single(new DirectoryInfo(_folder["arrived"]).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_signal_ends_a_side_whose_peer_hangs(bool stopsSender)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals here.");
        Offer(96 << 20);
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        await using ToolProcess sender = ToolProcess.Start(Code, ["send", _folder["source/big.bin"], "--relay", address.AbsoluteUri, "--bandwidth-limit", "40MiB", .. LongWaits]);
        await using ToolProcess receiver = ToolProcess.Start(Code, ["receive", _folder["arrived"], "--relay", address.AbsoluteUri, .. LongWaits]);
        await WaitForPartialAsync(4 << 20);
        (ToolProcess stopped, ToolProcess hanging) = stopsSender ? (sender, receiver) : (receiver, sender);

        hanging.Pause();
        var time = Stopwatch.StartNew();
        stopped.Terminate();

        Assert.True(await stopped.WaitAsync() == 130, stopped.Said);
        Assert.InRange(time.Elapsed.TotalSeconds, 0, Soon);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_closed_terminal_ends_that_side_and_the_other_is_told(bool closesSender)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It needs script(1) of util-linux.");
        Offer(16 << 20);
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        string[] send = ["send", _folder["source/big.bin"], "--relay", address.AbsoluteUri, "--bandwidth-limit", "6MiB", .. LongWaits];
        string[] receive = ["receive", _folder["arrived"], "--relay", address.AbsoluteUri, "--yes", .. LongWaits];
        await using ToolProcess closed = ToolProcess.StartOnTerminal(Code, closesSender ? send : receive);
        await using ToolProcess other = ToolProcess.Start(Code, closesSender ? receive : send);
        await WaitForPartialAsync(4 << 20);

        var time = Stopwatch.StartNew();
        await closed.KillAsync();

        Assert.True(await other.WaitAsync() == 8, other.Said);
        Assert.InRange(time.Elapsed.TotalSeconds, 0, Soon);
    }

    /// <summary>The end of a login closes the terminal and terminates what is left: no second Ctrl+C either.</summary>
    [Fact]
    public async Task A_relay_whose_terminal_is_closed_drains_and_ends_with_0()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals here.");
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync(0, "--drain-timeout", "1");
        await using ToolProcess relayEnd = relay;
        using RawClient sender = await RawClient.JoinAsync(address, TestRelay.Room, "send", TestRelay.Member(1));
        using RawClient receiver = await RawClient.JoinAsync(address, TestRelay.Room, "receive", TestRelay.Member(2));
        await receiver.ExpectHintAsync("paired");

        relay.HangUp();
        relay.Terminate();

        Assert.True(await relay.WaitAsync() == 0, relay.Said);
    }

    [Fact]
    public async Task Under_nohup_a_closed_terminal_changes_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no signals here.");
        File.WriteAllBytes(_folder["small.bin"], new byte[1000]);
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        await using ToolProcess sender = ToolProcess.StartWithNohup(Code, "send", _folder["small.bin"], "--relay", address.AbsoluteUri, "--json");
        await sender.WaitForEventAsync("waiting");
        sender.HangUp();
        await using ToolProcess receiver = ToolProcess.Start(Code, "receive", _folder["arrived"], "--relay", address.AbsoluteUri);

        Assert.True(await receiver.WaitAsync() == 0, receiver.Said);
        Assert.True(await sender.WaitAsync() == 0, sender.Said);
    }

    public void Dispose() => _folder.Dispose();

    private byte[] Offer(int length)
    {
        byte[] content = new byte[length];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(_folder.File("source/big.bin"), content);
        return content;
    }

    private async Task WaitForPartialAsync(long length)
    {
        while (Length() < length)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        long Length() => Directory.Exists(_folder["arrived"])
            ? new DirectoryInfo(_folder["arrived"]).EnumerateFiles("*.p2ppart", new EnumerationOptions { AttributesToSkip = 0 }).Sum(f => f.Length)
            : 0;
    }
}
