using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class ChunkInboxTests
{
    private const int Capacity = 8;

    private readonly ManualTimeProvider _clock = new();
    private readonly ChunkInbox _inbox;
    private readonly BufferPool _pool = new(1);

    public ChunkInboxTests()
    {
        _inbox = new ChunkInbox(_clock);
        _inbox.Configure(Capacity);
    }

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
    public void A_chunk_is_told_how_long_half_of_the_window_waited_for_it()
    {
        Add(1, 2, 3);
        TakeAll();
        _clock.Advance(TimeSpan.FromSeconds(5)); // less than half of it is here
        Add(4);
        TakeAll();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, AddOne(5));
        TakeAll();
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(3), AddOne(0));
    }

    [Fact]
    public void Waiting_begins_anew_with_every_chunk_that_is_missing()
    {
        Add(1, 2, 4, 5, 6, 7);
        TakeAll();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), AddOne(0));
        Assert.Equal([0, 1, 2], TakeAll());
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), AddOne(3));
    }

    [Fact]
    public void Nobody_waits_for_a_chunk_while_the_disk_is_slower()
    {
        Add(0, 1, 2, 3, 4, 5);
        TakeAll(most: 1);
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.Zero, AddOne(6));
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
        Assert.Equal(6, _inbox.Written().Next);
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
    public void An_ack_names_what_was_written_in_any_order(int seed)
    {
        const int count = 200;
        _inbox.Configure(count);
        Add([.. Enumerable.Range(0, count)]);
        TakeAll();
        int[] order = [.. Enumerable.Range(0, count)];
        new Random(seed).Shuffle(order);
        HashSet<long> written = [];
        foreach (int number in order)
        {
            _inbox.MarkWritten(number);
            written.Add(number);
            (long next, ChunkRange[] beyond) = _inbox.Written();
            long first = Enumerable.Range(0, count + 1).First(n => !written.Contains(n));
            Assert.Equal(first, next);
            HashSet<long> told = [.. beyond.SelectMany(r => Enumerable.Range(0, (int)r.Count).Select(i => r.First + i))];
            Assert.True(told.IsSubsetOf(written.Where(n => n > first)));
            if (beyond.Length < AckState.MaxRanges)
                Assert.Equal(written.Count(n => n > first), told.Count);
        }

        Assert.Equal(count, _inbox.Written().Next);
    }

    private void Add(params ReadOnlySpan<int> numbers)
    {
        foreach (int number in numbers)
            _inbox.Add(Chunk(number, new byte[1]));
    }

    private TimeSpan AddOne(int number) => _inbox.Add(Chunk(number, new byte[1]));

    private IncomingChunk Chunk(long number, byte[] buffer) => new(new ChunkHeader(number, 0, false, 1), buffer, buffer, _pool);

    private List<long> TakeAll(int most = int.MaxValue)
    {
        List<long> taken = [];
        while (taken.Count < most && _inbox.TryTake(out IncomingChunk? chunk, out _))
            taken.Add(chunk!.Header.Number);
        return taken;
    }
}
