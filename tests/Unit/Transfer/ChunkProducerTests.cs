using System.Security.Cryptography;
using System.Threading.Channels;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Source;
using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Sending;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class ChunkProducerTests : ChunkTests
{
    private readonly SendContext _context;

    public ChunkProducerTests()
        : base(PeerRole.Send)
    {
        var pool = new BufferPool(OutgoingRecord.HeaderLength + ChunkSize);
        Session.Configure(ChunkSize, 1 << 20, pool);
        _context = new SendContext(
            Session,
            new SendOptions { ChunkSize = ChunkSize },
            Meter,
            new ControlPort(Session),
            Channel.CreateUnbounded<ControlMessage>().Reader,
            pool,
            new ChunkEncoder(null, pool, isPadded: false),
            Rate: null);
    }

    [Fact]
    public async Task Chunks_hold_every_file_and_its_trailer_in_order()
    {
        int[] lengths = [0, 10, 5000, 1, 3 * ChunkSize, 700, 2000];
        SendRound round = Round(lengths);

        long next = await RunAsync(round, first: 7);

        (long Number, byte[] Content)[] chunks = [.. Chunks()];
        Assert.Equal(Enumerable.Range(7, chunks.Length).Select(n => (long)n), chunks.Select(c => c.Number));
        Assert.Equal(7 + chunks.Length, next);
        Assert.All(chunks[..^1], chunk => Assert.Equal(ChunkSize, chunk.Content.Length));
        byte[] expected = [.. lengths.SelectMany((length, index) => Item(round, index))];
        Assert.Equal(expected, chunks.SelectMany(c => c.Content));
        Assert.All(lengths.Index(), item => Assert.Equal(SHA256.HashData(Content(item.Index, item.Item)), round.TakeGood(item.Index).Digest));
    }

    [Fact]
    public async Task A_round_without_wanted_files_has_no_chunks()
    {
        SendRound round = Round([]);
        Assert.Equal(3, await RunAsync(round, first: 3));
        Assert.Empty(Chunks());
    }

    [Fact]
    public async Task Whole_chunks_of_a_file_that_cannot_be_read_are_announced_and_not_sent()
    {
        SendRound round = Round([100, 10 * ChunkSize, 50]);
        File.Delete(Folder["1"]);

        long next = await RunAsync(round, first: 0);

        (long Number, byte[] Content)[] chunks = [.. Chunks()];
        Session.Outbox.Rewind(connection: 0);
        Assert.True(Session.Outbox.TryTakeUnsent(connection: 0, out OutgoingControl message));
        var announced = Assert.IsType<VoidMessage>(ControlJson.Decode(message.Message));
        Assert.Equal((1, 9), (announced.First, announced.Count));
        Assert.Equal([0, 10], chunks.Select(c => c.Number));
        Assert.Equal(11, next);
        Assert.Equal(Item(round, 2), chunks[^1].Content[^Item(round, 2).Length..]);
        Assert.True(round.TakeFailed(1, P2PErrorCode.FileReadError, "theirs").IsWorthRetrying);
    }

    private async Task<long> RunAsync(SendRound round, long first)
    {
        for (int i = 0; i < round.Count; i++)
            round.Content.Add(new ContentItem(i, round.Offered(i).Length));
        round.Content.Complete();
        return await new ChunkProducer(_context, round).RunAsync(first, TestContext.Current.CancellationToken);
    }

    private IEnumerable<(long Number, byte[] Content)> Chunks()
    {
        while (Session.Window.TryTake(connection: 0, links: 1) is { } chunk)
        {
            ChunkHeader header = ChunkHeader.Parse(chunk.Buffer.AsSpan(1, chunk.RecordLength - 1));
            yield return (header.Number, chunk.Buffer[OutgoingRecord.HeaderLength..chunk.RecordLength]);
        }
    }

    private SendRound Round(int[] lengths)
    {
        var root = new SourceRoot(Folder.FullPath + Path.DirectorySeparatorChar, "", FollowLinks: false);
        OutgoingEntry[] entries = [.. lengths.Select((length, index) =>
        {
            string name = $"{index}";
            File.WriteAllBytes(Folder[name], Content(index, length));
            Assert.True(FileStat.TryRead(Folder[name], followLinks: false, out FileStat stat, out _));
            return new OutgoingEntry(SourceEntry.Of(stat, name, root), index);
        })];
        return new SendRound(new RoundTrailers(0, Hash: true, new byte[32]), entries);
    }

    private static byte[] Item(SendRound round, int index)
    {
        byte[] content = Content(index, (int)round.Offered(index).Length);
        byte[] trailer = new byte[Trailer.Length];
        round.Trailers.Write(trailer, index, content.Length, SHA256.HashData(content), hasFailed: false);
        return [.. content, .. trailer];
    }
}
