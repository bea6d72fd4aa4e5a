using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;

namespace P2PCopy.Tests.Unit.Session;

public sealed class ChunkInboxTests
{
    [Fact]
    public void Announced_void_chunks_do_not_fill_the_memory()
    {
        for (int i = 0; i < ChunkInbox.MostVoids; i++)
            _inbox.AddVoid(2 * i, 1);

        P2PException e = Assert.Throws<P2PException>(() => _inbox.AddVoid(2 * ChunkInbox.MostVoids, 1));
        Assert.Equal(P2PErrorCode.ProtocolError, e.Code);
    }

    private const int Capacity = 8;

    private readonly ChunkInbox _inbox = new();
    private readonly BufferPool _pool = new(1);

    public ChunkInboxTests() => _inbox.Configure(Capacity);

    [Fact]
    public void Chunks_are_taken_in_order_however_they_come()
    {
        Add(2, 0, 1);
        Assert.Equal([0, 1, 2], TakeAll());
        Add(4);
        Assert.Empty(TakeAll());
        Add(3);
        Assert.Equal([3, 4], TakeAll());
    }

    [Fact]
    public void What_is_here_already_counts_as_repeated()
    {
        Add(0, 1, 1);
        TakeAll();
        Add(0);
        Assert.Equal((4, 2), (_inbox.Received, _inbox.Repeated));
        Assert.Empty(TakeAll());
    }

    [Fact]
    public async Task Whoever_waits_is_woken_by_a_chunk_and_by_void()
    {
        Task chunk = _inbox.ChangeAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(chunk.IsCompleted);
        Add(0);
        await chunk;
        Task gap = _inbox.ChangeAsync(TestContext.Current.CancellationToken).AsTask();
        _inbox.AddVoid(1, 5);
        await gap;
    }

    [Fact]
    public void Void_ones_are_told_in_their_place_and_count_as_written()
    {
        _inbox.AddVoid(1, 5);
        Add(6, 0);
        Assert.Equal([0], TakeAll(most: 1));
        Assert.True(_inbox.TryTake(out IncomingChunk? none, out long count));
        Assert.Null(none);
        Assert.Equal(5, count);
        Assert.Equal([6], TakeAll());
        _inbox.MarkWritten(0);
        Assert.Equal(6, _inbox.NextWritten);
    }

    [Theory]
    [InlineData(3, 0)] // none
    [InlineData(0, 1)] // was taken
    [InlineData(2, 3)] // has come
    [InlineData(1, 2)] // reaches to it
    [InlineData(11, 1)] // announced
    [InlineData(20, long.MaxValue)]
    public void Void_that_cannot_be_is_refused(long first, long count)
    {
        Add(0, 2);
        TakeAll();
        _inbox.AddVoid(10, 2);
        P2PException e = Assert.Throws<P2PException>(() => _inbox.AddVoid(first, count));
        Assert.Equal(P2PErrorCode.ProtocolError, e.Code);
    }

    [Fact]
    public void A_chunk_beyond_the_window_is_refused_and_stays_with_whoever_brought_it()
    {
        Add([.. Enumerable.Range(0, Capacity)]);
        byte[] buffer = new byte[1];
        IncomingChunk extra = Chunk(Capacity, buffer);
        Assert.Throws<P2PException>(() => _inbox.Add(extra));
        Assert.NotSame(buffer, _pool.Rent());
        extra.Dispose();
        Assert.Same(buffer, _pool.Rent());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_ack_names_the_chunks_that_are_written_and_those_that_have_arrived(int seed)
    {
        const int count = 200;
        _inbox.Configure(count);
        var random = new Random(seed);
        int[] arriving = [.. Enumerable.Range(0, count)];
        random.Shuffle(arriving);
        HashSet<long> arrived = [];
        HashSet<long> written = [];
        List<long> taken = [];
        foreach (int number in arriving)
        {
            Add(number);
            arrived.Add(number);
            taken.AddRange(TakeAll());
            if (taken.Count > 0)
            {
                int at = random.Next(taken.Count);
                _inbox.MarkWritten(taken[at]);
                written.Add(taken[at]);
                taken.RemoveAt(at);
            }

            (long next, ChunkRange[] told) = _inbox.Ack();
            Assert.Equal(Enumerable.Range(0, count + 1).First(n => !written.Contains(n)), next);
            Assert.Equal(arrived.Where(n => n >= next).Order(), told.SelectMany(r => Enumerable.Range(0, (int)r.Count).Select(i => r.First + i)));
            AckState.Parse(new AckState(0, next, told).Encode().AsSpan(1));
        }
    }

    private void Add(params ReadOnlySpan<int> numbers)
    {
        foreach (int number in numbers)
            _inbox.Add(Chunk(number, new byte[1]));
    }

    private IncomingChunk Chunk(long number, byte[] buffer) => new(new ChunkHeader(number, 0, false, 1, 1), buffer, buffer, _pool);

    private List<long> TakeAll(int most = int.MaxValue)
    {
        List<long> taken = [];
        while (taken.Count < most && _inbox.TryTake(out IncomingChunk? chunk, out _))
            taken.Add(chunk!.Header.Number);
        return taken;
    }
}
