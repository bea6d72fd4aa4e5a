using System.Security.Cryptography;
using System.Threading.Channels;
using P2PCopy.Compression;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Receiving;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class ChunkConsumerTests : ChunkTests
{
    private readonly ReportBook _book;
    private readonly ReceiveContext _context;
    private readonly ReceiveRound _round = new(new RoundTrailers(0, Hash: true, new byte[32]));

    public ChunkConsumerTests()
        : base(PeerRole.Receive)
    {
        var options = new ReceiveOptions { Destination = Folder.FullPath };
        var events = new EventSink(null, Meter);
        _book = new ReportBook(events, Meter);
        Session.Configure(ChunkSize, 1 << 20, Session.ReceivePool);
        _context = new ReceiveContext(
            Session,
            new RunMemory(options, resumes: false),
            options,
            new SettingsMessage { Codecs = [], Window = 1, ChunkSize = ChunkSize, Hash = true },
            new DestinationTree(Folder.FullPath, new DestinationOptions()),
            Output: null,
            _book,
            events,
            Meter,
            new StallWatch(options, Meter, () => true),
            new ControlPort(Session),
            Channel.CreateUnbounded<ControlMessage>().Reader);
    }

    private protected override void End()
    {
        _round.Dispose();
        _context.Tree.Dispose();
    }

    [Fact]
    public async Task Every_file_is_written_and_every_chunk_marked()
    {
        int[] lengths = [0, 10, 5000, 1, 3 * ChunkSize, 700, 2000];
        byte[] content = [.. lengths.SelectMany((length, index) => Offer(index, length))];
        Give(content);

        long confirmed = await RunAsync();

        Assert.Equal(lengths.Length, confirmed);
        Assert.All(lengths.Index(), file => Assert.Equal(Content(file.Index, file.Item), File.ReadAllBytes(Folder[$"{file.Index}"])));
        Assert.All(_book.ToList(), file => Assert.Equal(FileStatus.Copied, file.Status));
        Assert.Equal((content.Length + ChunkSize - 1) / ChunkSize, Session.Chunks.NextWritten);
        Assert.Empty(Directory.GetFiles(Folder.FullPath, "*.p2ppart"));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_fails_alone()
    {
        byte[] content = [.. Offer(0, 10), .. Offer(1, 5000), .. Offer(2, 10)];
        Directory.CreateDirectory(Folder["1"]);
        Give(content);
        Assert.Equal(2, await RunAsync());
        Assert.Equal([FileStatus.Copied, FileStatus.Failed, FileStatus.Copied], _book.ToList().Select(file => file.Status));
    }

    [Fact]
    public async Task Void_chunks_inside_a_file_fail_that_file_alone()
    {
        byte[] before = Offer(0, 10);
        _ = Offer(1, 4 * ChunkSize);
        byte[] failed = new byte[Trailer.Length];
        _round.Trailers.Write(failed, 1, 4 * ChunkSize, null, hasFailed: true);
        byte[] filler = new byte[4 * ChunkSize];
        byte[] all = [.. before, .. filler, .. failed, .. Offer(2, 10)];
        Give(all[..ChunkSize]);
        Session.Chunks.AddVoid(1, 2);
        Give(all[(3 * ChunkSize)..], first: 3);

        Assert.Equal(2, await RunAsync());

        Assert.Equal([FileStatus.Copied, FileStatus.Failed, FileStatus.Copied], _book.ToList().Select(file => file.Status));
        Assert.Equal(P2PErrorCode.FileReadError, _book[1].Error);
    }

    [Theory]
    [InlineData("short chunk")]
    [InlineData("beyond the end")]
    [InlineData("end mark")]
    [InlineData("void over two files")]
    public async Task Chunks_that_do_not_fit_the_round_end_the_transfer(string what)
    {
        byte[] content = [.. Offer(0, 3000), .. Offer(1, 3000)];
        switch (what)
        {
            case "short chunk":
                Give(content[..1000]);
                break;
            case "beyond the end":
                Give([.. content, 1]);
                break;
            case "end mark":
                Give(content[..ChunkSize], isLast: true);
                break;
            default:
                Session.Chunks.AddVoid(0, 3);
                break;
        }

        P2PException error = await Assert.ThrowsAsync<P2PException>(RunAsync);
        Assert.Equal(P2PErrorCode.ProtocolError, error.Code);
    }

    private async Task<long> RunAsync()
    {
        foreach (IncomingEntry entry in _round.Entries)
            _round.Content.Add(new ContentItem(entry.Index, entry.Offered.Length));
        _round.Content.Complete();
        using var results = new RoundResults(_context, _round, TestContext.Current.CancellationToken);
        using var consumer = new ChunkConsumer(_context, _round, new ChunkSource(Session, ChunkSize, _book), results);
        await consumer.RunAsync(TestContext.Current.CancellationToken);
        return results.Confirmed;
    }

    /// <summary>Adds a wanted file to the round.</summary>
    /// <returns>Its content with the trailer.</returns>
    private byte[] Offer(int index, int length)
    {
        var offered = new ManifestEntry($"{index}", EntryKind.File, length, DateTime.UnixEpoch);
        _round.Add(offered);
        _round.Entries[index].Decision = DestinationDecision.Want(Folder[offered.Name], -1);
        _round.Entries[index].Line = _book.Open(offered, null);
        byte[] content = Content(index, length);
        byte[] trailer = new byte[Trailer.Length];
        _round.Trailers.Write(trailer, index, length, SHA256.HashData(content), hasFailed: false);
        return [.. content, .. trailer];
    }

    private void Give(byte[] content, long first = 0, bool isLast = false)
    {
        var pool = new BufferPool(ChunkSize);
        foreach (byte[] part in content.Chunk(ChunkSize))
            Session.Chunks.Add(new IncomingChunk(new ChunkHeader(first++, (byte)CodecId.Raw, isLast, part.Length, part.Length), part, pool.Rent(), pool));
    }
}
