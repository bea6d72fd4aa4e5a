using System.Buffers.Binary;
using System.Security.Cryptography;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Names;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Tests.Unit.Transfer;

public sealed class ItemWriterTests : IAsyncDisposable
{
    private const int Length = 700_000;

    private readonly TransferMeter _meter = new(null, TimeProvider.System);
    private readonly byte[] _content = new byte[Length];

    public ItemWriterTests() => new Random(6).NextBytes(_content);

    public ValueTask DisposeAsync() => _meter.DisposeAsync();

    [Theory]
    [InlineData(1000, true)]
    [InlineData(300_000, true)] // long enough to write and digest at the same time
    [InlineData(Length + Trailer.Length, true)]
    [InlineData(300_000, false)]
    public async Task Content_whose_trailer_agrees_is_committed(int part, bool hash)
    {
        RoundTrailers trailers = Trailers(hash);
        var output = new MemoryOutput();
        using ItemWriter writer = Writer(output, trailers: trailers);

        await TakeAsync(writer, [.. _content, .. TrailerOf(trailers)], part);

        Assert.Equal("committed", output.End);
        Assert.Equal(_content, output.Content);
        Assert.Equal(hash ? SHA256.HashData(_content) : null, writer.Outcome!.Digest);
        Assert.Null(writer.Outcome.Failure);
        Assert.Equal(Length, _meter.BytesDone);
    }

    [Fact]
    public async Task The_pieces_that_are_here_are_put_between_those_that_arrive()
    {
        var plan = new FilePlan();
        plan.Add(PieceKind.Keep, 100_000);
        plan.Add(PieceKind.Send, 200_000);
        plan.Add(PieceKind.Copy, 300_000, from: 300_000);
        plan.Complete(Length);
        var output = new MemoryOutput { Before = _content };
        using ItemWriter writer = Writer(output, plan);

        await TakeAsync(writer, [.. _content[100_000..300_000], .. _content[600_000..], .. TrailerOf(Trailers())], 70_000);

        Assert.Equal("committed", output.End);
        Assert.Equal(_content, output.Content);
        Assert.Equal(Length, _meter.BytesDone);
    }

    [Fact]
    public async Task Content_that_differs_from_its_trailer_is_not_committed_and_not_kept()
    {
        var output = new MemoryOutput();
        using ItemWriter writer = Writer(output);
        byte[] wrong = [.. _content];
        wrong[Length / 2] ^= 1;
        await TakeAsync(writer, [.. wrong, .. TrailerOf(Trailers())], 100_000);
        Assert.Equal(P2PErrorCode.IntegrityCheckFailed, writer.Outcome!.Failure?.Code);
        Assert.Equal("abandoned", output.End);
    }

    [Fact]
    public async Task A_file_that_failed_at_the_sender_fails_here_and_its_beginning_is_kept()
    {
        var output = new MemoryOutput();
        using ItemWriter writer = Writer(output);
        byte[] trailer = new byte[Trailer.Length];
        Trailers().Write(trailer, 0, Length, null, hasFailed: true);
        await TakeAsync(writer, [.. _content, .. trailer], 100_000);
        Assert.Equal(P2PErrorCode.FileReadError, writer.Outcome!.Failure?.Code);
        Assert.Equal("kept", output.End);
    }

    [Fact]
    public async Task A_trailer_without_the_digest_that_was_agreed_on_fails_the_file()
    {
        var output = new MemoryOutput();
        using ItemWriter writer = Writer(output);
        byte[] trailer = new byte[Trailer.Length];
        Trailers(hash: false).Write(trailer, 0, Length, null, hasFailed: false);
        await TakeAsync(writer, [.. _content, .. trailer], 100_000);
        Assert.Equal(P2PErrorCode.IntegrityCheckFailed, writer.Outcome!.Failure?.Code);
        Assert.NotEqual("committed", output.End);
    }

    [Fact]
    public async Task After_a_write_error_the_rest_is_passed_over_and_the_error_is_the_outcome()
    {
        var output = new MemoryOutput { Room = 250_000 };
        using ItemWriter writer = Writer(output);
        await TakeAsync(writer, [.. _content, .. TrailerOf(Trailers())], 100_000);
        Assert.Equal(P2PErrorCode.FileWriteError, writer.Outcome!.Failure?.Code);
        Assert.Equal(200_000, output.Content.Length);
        Assert.Equal("kept", output.End);
    }

    [Fact]
    public async Task An_item_that_is_given_up_keeps_what_arrived()
    {
        var output = new MemoryOutput();
        using (ItemWriter writer = Writer(output))
            await writer.TakeAsync(_content.AsMemory(0, 1000), TestContext.Current.CancellationToken);
        Assert.Equal("kept", output.End);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(10, 3)]
    [InlineData(5000, 40)]
    [InlineData(5000, 1024)]
    public async Task Data_of_unknown_length_ends_with_its_trailer_and_length(int length, int part)
    {
        var output = new MemoryOutput();
        using ItemWriter writer = Writer(output, length: -1);
        await TakeAsync(writer, [.. _content[..length], .. EndOf(length)], part);
        await writer.FinishOpenEndedAsync(TestContext.Current.CancellationToken);
        Assert.Null(writer.Outcome!.Failure);
        Assert.Equal(length, writer.Outcome.Length);
        Assert.Equal(_content[..length], output.Content);
    }

    [Fact]
    public async Task Data_of_unknown_length_that_ends_early_or_is_too_long_ends_the_transfer()
    {
        using ItemWriter cut = Writer(new MemoryOutput(), length: -1);
        await TakeAsync(cut, [.. _content[..500], .. EndOf(501)], 100);
        P2PException early = await Assert.ThrowsAsync<P2PException>(() => cut.FinishOpenEndedAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(P2PErrorCode.ProtocolError, early.Code);

        using ItemWriter limited = Writer(new MemoryOutput(), length: -1, most: 400);
        P2PException long_ = await Assert.ThrowsAsync<P2PException>(() => TakeAsync(limited, [.. _content[..500], .. EndOf(500)], 100));
        Assert.Equal(P2PErrorCode.LimitExceeded, long_.Code);
    }

    private static RoundTrailers Trailers(bool hash = true) => new(0, hash, new byte[32]);

    private static async Task TakeAsync(ItemWriter writer, byte[] bytes, int part)
    {
        foreach (byte[] some in bytes.Chunk(part))
            await writer.TakeAsync(some, TestContext.Current.CancellationToken);
        if (writer.IsWhole)
            await writer.FinishAsync(TestContext.Current.CancellationToken);
    }

    private byte[] TrailerOf(RoundTrailers trailers)
    {
        byte[] trailer = new byte[Trailer.Length];
        trailers.Write(trailer, 0, Length, trailers.Hash ? SHA256.HashData(_content) : null, hasFailed: false);
        return trailer;
    }

    private byte[] EndOf(int length)
    {
        byte[] end = new byte[Trailer.Length + sizeof(long)];
        Trailers().Write(end, 0, length, SHA256.HashData(_content.AsSpan(0, length)), hasFailed: false);
        BinaryPrimitives.WriteInt64BigEndian(end.AsSpan(Trailer.Length), length);
        return end;
    }

    private ItemWriter Writer(MemoryOutput output, FilePlan? plan = null, long length = Length, RoundTrailers? trailers = null, long most = long.MaxValue)
        => new(
            new ContentItem(0, length, plan),
            new IncomingEntry(0, new ManifestEntry("f", EntryKind.File, length, DateTime.UnixEpoch)),
            new ItemContext(trailers ?? Trailers(), output, _meter) { MaxOpenEnded = most });
}
