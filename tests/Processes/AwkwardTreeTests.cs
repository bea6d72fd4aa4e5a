using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Processes;

public sealed class AwkwardTreeTests : IDisposable
{
    private readonly TransferPair _pair = new();

    [Fact]
    public async Task Two_thousand_awkward_files_arrive_identical_through_a_relay_and_are_unchanged_the_next_time()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "These names and modes are those of Unix.");
        AwkwardTree.Create(_pair.Source);
        await using TestRelay relay = await TestRelay.StartAsync();
        SendOptions send = _pair.Send with { Connector = null, Relays = [relay.Address], Links = LinkPolicy.Preserve };
        ReceiveOptions receive = _pair.Receive with { Connector = null, Relays = [relay.Address] };
        string copy = Path.Combine(_pair.Destination, "source");

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(send, receive);

        Assert.Null(sender.Exception);
        Assert.Null(receiver.Exception);
        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.Equal(AwkwardTree.FileCount, receiver.Report!.Files.Count(f => f is { Kind: FileReportKind.File, Status: FileStatus.Copied }));
        SortedDictionary<string, string> original = TransferPair.Describe(_pair.Source);
        Assert.Equal(original, TransferPair.Describe(copy));
        Assert.Equal(Directory.GetLastWriteTimeUtc(_pair.Source), Directory.GetLastWriteTimeUtc(copy));
        Assert.Equal("", Shell.Run("diff", "-r", "--no-dereference", _pair.Source, copy));

        (sender, receiver) = await TransferPair.RunAsync(send, receive);

        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.All(receiver.Report!.Files, f => Assert.Equal(FileStatus.Unchanged, f.Status));
        Assert.Equal(original, TransferPair.Describe(copy));
    }

    public void Dispose() => _pair.Dispose();
}
