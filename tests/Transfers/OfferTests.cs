using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

public sealed class OfferTests : IDisposable
{
    private readonly TransferPair _pair = new();

    [Fact]
    public async Task Both_sides_are_told_of_the_whole_offer_once_and_before_any_result()
    {
        _pair.Write("source/a", new byte[10]);
        _pair.Write("source/sub/b", new byte[20]);

        await _pair.RunAsync();

        foreach (List<TransferEvent> events in new[] { _pair.SenderEvents, _pair.ReceiverEvents })
        {
            TransferOffer offer = Assert.Single(events.OfType<TransferEvent.Offered>()).Offer;
            Assert.Equal((2L, 2L, (long?)30), (offer.FileCount, offer.FolderCount, offer.TotalBytes));
            Assert.Equal(["source", "source/a", "source/sub", "source/sub/b"], offer.Names);
            Assert.True(events.FindIndex(e => e is TransferEvent.Paired) < events.FindIndex(e => e is TransferEvent.Offered));
            Assert.True(events.FindIndex(e => e is TransferEvent.Offered) < events.FindIndex(e => e is TransferEvent.FileCompleted));
        }

        Assert.Null(_pair.SenderEvents.OfType<TransferEvent.Offered>().Single().Offer.FreeBytes);
        Assert.True(_pair.ReceiverEvents.OfType<TransferEvent.Offered>().Single().Offer.FreeBytes > 0);
    }

    [Fact]
    public async Task The_offer_of_a_stream_has_no_size()
    {
        await TransferPair.RunAsync(
            _pair.Send with { Paths = [], InputStream = new MemoryStream([1, 2, 3]), Name = "dump" },
            _pair.Receive with { OutputStream = new MemoryStream() });

        Assert.Null(Assert.Single(_pair.SenderEvents.OfType<TransferEvent.Offered>()).Offer.TotalBytes);
        Assert.Null(Assert.Single(_pair.ReceiverEvents.OfType<TransferEvent.Offered>()).Offer.TotalBytes);
    }

    [Fact]
    public async Task A_preview_and_the_offer_say_the_same()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there.");
        _pair.Write("source/a", new byte[10]);
        File.CreateSymbolicLink(Path.Combine(_pair.Source, "link"), "a");
        SendOptions send = _pair.Send with { Links = P2PCopy.LinkPolicy.Preserve };

        TransferOffer preview = SendPreview.Create(send, TestContext.Current.CancellationToken);
        await TransferPair.RunAsync(send, _pair.Receive);

        TransferOffer offer = _pair.SenderEvents.OfType<TransferEvent.Offered>().Single().Offer;
        Assert.Equal(preview with { Entries = [] }, offer with { Entries = [] });
        Assert.Equal(preview.Entries, offer.Entries);
        Assert.Equal([FileReportKind.Folder, FileReportKind.File, FileReportKind.Link], offer.Entries.Select(e => e.Kind));
        Assert.Equal(10, offer.Entries[1].Length);
        Assert.Equal(1, offer.FileCount);
    }

    public void Dispose() => _pair.Dispose();
}
