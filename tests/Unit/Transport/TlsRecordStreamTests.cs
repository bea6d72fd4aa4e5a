using P2PCopy.Transport.Streams;

namespace P2PCopy.Tests.Unit.Transport;

/// <summary>What lies between TLS and the socket joins writes that go on, and reads ahead.</summary>
public sealed class TlsRecordStreamTests
{
    private const int TwoRecords = 32 << 10;

    [Fact]
    public async Task Writes_that_may_go_on_leave_together_with_the_flush()
    {
        var network = new CountingStream();
        var stream = new TlsRecordStream(network);

        await stream.WriteAsync(Pattern(TwoRecords + 44, 1), TestContext.Current.CancellationToken);
        await stream.WriteAsync(Pattern(TwoRecords + 44, 2), TestContext.Current.CancellationToken);
        Assert.Empty(network.Writes);

        await stream.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal([.. Pattern(TwoRecords + 44, 1), .. Pattern(TwoRecords + 44, 2)], Assert.Single(network.Writes));
    }

    [Fact]
    public async Task A_short_write_is_an_end_and_leaves_at_once_with_what_waits()
    {
        var network = new CountingStream();
        var stream = new TlsRecordStream(network);

        await stream.WriteAsync(Pattern(100, 1), TestContext.Current.CancellationToken);
        await stream.WriteAsync(Pattern(TwoRecords, 2), TestContext.Current.CancellationToken);
        await stream.WriteAsync(Pattern(7, 3), TestContext.Current.CancellationToken);

        Assert.Equal([Pattern(100, 1), [.. Pattern(TwoRecords, 2), .. Pattern(7, 3)]], network.Writes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_written_arrives_whole_and_in_order(int seed)
    {
        var network = new CountingStream();
        var stream = new TlsRecordStream(network);
        var random = new Random(seed);
        var all = new MemoryStream();
        for (int i = 0; i < 60; i++)
        {
            byte[] data = Pattern(random.Next(4) == 0 ? random.Next(600_000) : random.Next(70_000), i);
            all.Write(data);
            await stream.WriteAsync(data, TestContext.Current.CancellationToken);
            if (random.Next(5) == 0)
                await stream.FlushAsync(TestContext.Current.CancellationToken);
        }

        await stream.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(all.ToArray(), network.Writes.SelectMany(w => w).ToArray());
    }

    [Fact]
    public async Task One_read_of_the_network_serves_many_small_ones()
    {
        byte[] content = Pattern(50_000, 1);
        var network = new CountingStream(content);
        var stream = new TlsRecordStream(network);
        byte[] copy = new byte[content.Length];

        await stream.ReadExactlyAsync(copy.AsMemory(0, 5), TestContext.Current.CancellationToken);
        Assert.Equal(content.Length - 5, stream.Available);
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        await stream.ReadExactlyAsync(copy.AsMemory(5, 16_384), TestContext.Current.CancellationToken);
        await stream.ReadExactlyAsync(copy.AsMemory(16_389), TestContext.Current.CancellationToken);

        Assert.Equal(content, copy);
        Assert.Equal(1, network.Reads);
        Assert.Equal(0, stream.Available);
        Assert.Equal(0, await stream.ReadAsync(copy, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(20_002)]
    [InlineData(3)]
    [InlineData(1)]
    public async Task A_read_ends_where_a_record_does(int pieceLength)
    {
        int[] lengths = [16_401, 300, 0, 65_535, 2];
        byte[] content = [.. lengths.SelectMany(length => Record(length))];
        var stream = new TlsRecordStream(new CountingStream(content, pieceLength));
        byte[] copy = new byte[content.Length];

        int at = 0;
        foreach (int length in lengths)
        {
            int end = at + 5 + length;
            while (at < end)
                at += await stream.ReadAsync(copy.AsMemory(at), TestContext.Current.CancellationToken);
            Assert.Equal(end, at);
        }

        Assert.Equal(content, copy);
    }

    private static byte[] Record(int length) => [23, 3, 3, (byte)(length >> 8), (byte)length, .. Pattern(length, length)];

    private static byte[] Pattern(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A network that keeps each write, counts the reads and gives no more than a piece to each.</summary>
    private sealed class CountingStream(byte[]? content = null, int pieceLength = int.MaxValue) : MemoryStream(content ?? [])
    {
        public List<byte[]> Writes { get; } = [];

        public int Reads { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(buffer.ToArray());
            return default;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!buffer.IsEmpty)
                Reads++;
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceLength)], cancellationToken);
        }
    }
}
