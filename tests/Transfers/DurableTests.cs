using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>What both sides are told about the disk. What is on it after a power cut shows tests/CrashStates.</summary>
public sealed class DurableTests : IDisposable
{
    private readonly TransferPair _pair = new();

    [Theory]
    [InlineData(null, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Both_sides_report_whether_the_receiver_was_durable(bool? durable, bool expected)
    {
        _pair.Write("source/large", Content(1_500_000));
        _pair.Write("source/empty", []);
        for (int i = 0; i < 300; i++)
            _pair.Write($"source/deep/down/{i}", Content(i));
        TransferReport? sent = null, received = null;

        for (int run = 0; run < 2; run++)
        {
            CancellationToken token = TestContext.Current.CancellationToken;
            Task<TransferReport> receive = P2PTransfer.ReceiveAsync(_pair.Receive with { Durable = durable }, cancellationToken: token);
            sent = await P2PTransfer.SendAsync(_pair.Send, cancellationToken: token);
            received = await receive;
            Assert.True(sent.Succeeded && received.Succeeded);
            Assert.Equal((expected, expected), (sent.IsDurable, received.IsDurable));
            Assert.Equal(sent.Files.Select(f => (f.Name, f.Status)), received.Files.Select(f => (f.Name, f.Status)));
        }

        Assert.All(sent!.Files, file => Assert.Equal(FileStatus.Unchanged, file.Status));
        Assert.Equal(TransferPair.Describe(_pair.Source), TransferPair.Describe(_pair.Folder["destination/source"]));
    }

    [Fact]
    public void A_stream_cannot_be_durable()
    {
        Task<TransferReport> receive = P2PTransfer.ReceiveAsync(_pair.Receive with { Durable = true, OutputStream = new MemoryStream() });

        Assert.Equal(P2PErrorCode.InvalidOption, Assert.IsType<P2PException>(receive.Exception?.InnerException).Code);
    }

    public void Dispose() => _pair.Dispose();

    private static byte[] Content(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }
}
