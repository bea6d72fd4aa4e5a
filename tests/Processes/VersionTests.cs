using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Processes;

/// <summary>
/// What docs/versions.md promises about versions, through a real relay and with the built tool as the older side. What a later
/// version may add to its messages is said in tests/Interop, whose sender and receiver can say anything.
/// </summary>
public sealed class VersionTests : IDisposable
{
    private readonly TransferPair _pair = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_newer_minor_version_and_this_one_copy(bool newerSends)
    {
        (Outcome newer, int status, string said) = await MeetAsync(new ProtocolVersion(1, 7), newerSends);

        Assert.True(newer.Succeeded, $"{newer} {said}");
        Assert.Equal(0, status);
        Assert.Equal(TransferPair.Describe(_pair.Source), TransferPair.Describe(Path.Combine(_pair.Destination, "source")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_newer_major_version_and_this_one_both_end_and_say_which_side_has_to_be_updated(bool newerSends)
    {
        (Outcome newer, int status, string said) = await MeetAsync(new ProtocolVersion(2, 0), newerSends);

        string software = ProtocolVersion.Software;
        Assert.Equal(10, status);
        Assert.Contains(
            $"error: This side uses protocol 1.0 (P2PCopy {software}), the other side 2.0 (P2PCopy {software}). [VersionMismatch]\nhint:  Update the software on this side.",
            said,
            StringComparison.Ordinal);
        Assert.Equal(P2PErrorCode.VersionMismatch, newer.Error);
        Assert.Equal(
            $"This side uses protocol 2.0 (P2PCopy {software}), the other side 1.0 (P2PCopy {software}).",
            newer.Exception!.Message);
        Assert.False(Directory.Exists(_pair.Destination));
    }

    public void Dispose() => _pair.Dispose();

    /// <summary>This process plays the newer version, the tool is the other side; how both ended.</summary>
    private async Task<(Outcome Newer, int Status, string Said)> MeetAsync(ProtocolVersion version, bool newerSends)
    {
        _pair.Write("source/folder/file", Corpus(300_000));
        _pair.Write("source/empty", []);
        await using TestRelay relay = await TestRelay.StartAsync();
        string[] command = newerSends ? ["receive", _pair.Destination] : ["send", _pair.Source];
        await using ToolProcess tool = ToolProcess.Start(TransferPair.Code, [.. command, "--relay", relay.Address.AbsoluteUri]);
        Outcome newer = await Outcome.OfAsync(newerSends
            ? P2PTransfer.SendAsync(_pair.Send with { Version = version, Connector = null, Relays = [relay.Address] }, cancellationToken: TestContext.Current.CancellationToken)
            : P2PTransfer.ReceiveAsync(_pair.Receive with { Version = version, Connector = null, Relays = [relay.Address] }, cancellationToken: TestContext.Current.CancellationToken));
        return (newer, await tool.WaitAsync(), tool.Said);
    }

    private static byte[] Corpus(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }
}
