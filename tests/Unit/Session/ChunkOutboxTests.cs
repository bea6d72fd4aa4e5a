using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class ChunkOutboxTests
{
    private const int Capacity = 24;

    private readonly ManualTimeProvider _clock = new();
    private readonly BufferPool _pool = new(1);
    private readonly ChunkOutbox _window;
    private readonly SortedSet<long> _here = [];
    private long _made;
    private long _written;

    public ChunkOutboxTests()
    {
        _window = new ChunkOutbox(_clock, () => { });
        _window.Configure(Capacity, _pool);
    }

    [Fact]
    public void One_link_may_take_the_whole_window()
    {
        Fill();
        Assert.Equal(Capacity, TakeAll(connection: 0, links: 1).Count);
    }

    [Fact]
    public void No_link_takes_more_than_its_part_however_free_it_is()
    {
        Fill();
        Assert.Equal(6, TakeAll(connection: 2, links: 4).Count);
        Assert.Equal(6, TakeAll(connection: 0, links: 4).Count);
        Assert.Null(_window.TryTake(connection: 2, links: 4));
    }

    [Fact]
    public void A_link_that_comes_last_finds_chunks_although_the_window_cannot_be_divided_equally()
    {
        _window.Configure(6, _pool);
        Fill(6);
        Assert.Equal([2, 2, 1, 1], Enumerable.Range(0, 4).Select(connection => TakeAll(connection, links: 4).Count));
    }

    [Fact]
    public void A_late_chunk_goes_over_the_connection_that_is_free_first_and_over_any_if_that_one_is_blocked()
    {
        _window.Configure(6, _pool);
        Fill(5);
        List<long> slow = TakeAll(connection: 0, links: 4);
        TakeAll(connection: 1, links: 4);
        TakeAll(connection: 2, links: 4);
        _window.Repeat(connection => connection == 0);
        Assert.Null(_window.TryTake(connection: 2, links: 4)); // connection 3 has none
        Assert.Equal(slow[0], _window.TryTake(connection: 3, links: 4)!.Number);

        _window.Acknowledge(new AckState(0, 0, [new ChunkRange(slow[0], 1)]));
        Assert.Null(_window.TryTake(connection: 2, links: 4));
        _clock.Advance(TimeSpan.FromSeconds(0.25));
        Assert.Equal(slow[1], _window.TryTake(connection: 2, links: 4)!.Number);
    }

    [Fact]
    public void Every_link_may_take_a_chunk_of_a_window_that_has_fewer_than_there_are_links()
    {
        _window.Configure(3, _pool);
        Fill(3);
        Assert.Single(TakeAll(connection: 5, links: 16));
    }

    [Fact]
    public void What_a_lost_link_carried_goes_over_the_others_whose_parts_grow()
    {
        Fill();
        List<long> lost = TakeAll(connection: 0, links: 2);
        List<long> kept = TakeAll(connection: 1, links: 2);
        Assert.Null(_window.TryTake(connection: 1, links: 2));
        _window.Requeue(0);
        Assert.Equal(lost, TakeAll(connection: 1, links: 1));
        Assert.Equal(Capacity, lost.Count + kept.Count);
        Assert.Equal(lost.Count, _window.Repeated);
    }

    /// <summary>
    /// Four links that swallow whatever they may and deliver a chunk each at every step: that all of them are busy at
    /// every step is what makes four as fast as four.
    /// </summary>
    [Fact]
    public void Links_that_swallow_what_they_get_are_all_kept_busy()
    {
        const int Steps = 50;
        Assert.Equal(4 * Steps, Run(Steps, everyStep: [1, 1, 1, 1]));
    }

    /// <summary>A link with a tenth of the speed must cost no more than its part of the window does.</summary>
    [Fact]
    public void A_slow_link_that_swallows_does_not_stop_the_others()
    {
        const int Steps = 600;
        long delivered = Run(Steps, everyStep: [1, 1, 1, 10]);

        // At worst the window turns over once while the slow link delivers its part.
        Assert.True(delivered >= (long)Steps * Capacity / (10 * Capacity / 4), $"{delivered} chunks");
    }

    [Fact]
    public void Acks_tell_the_rate_of_a_link_however_fast_it_swallowed()
    {
        (long Bytes, TimeSpan Elapsed)? delivery = null;
        for (int i = 0; i < 3 * Capacity; i++)
        {
            Fill();
            TakeAll(connection: 0, links: 1);
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            delivery = _window.Acknowledge(new AckState(0, ++_written, []));
        }

        Assert.Equal(10.0, delivery!.Value.Bytes / delivery.Value.Elapsed.TotalSeconds, 6);
        Assert.Equal(TimeSpan.Zero, _window.Starved);
    }

    [Fact]
    public void A_link_that_had_nothing_to_send_gives_no_rate_and_starves()
    {
        Fill(1);
        TakeAll(connection: 0, links: 1);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Null(_window.Acknowledge(new AckState(0, ++_written, [])));
        Assert.Equal(TimeSpan.FromMilliseconds(100), _window.Starved);

        // With the next chunk there is something to send again.
        Fill();
        TakeAll(connection: 0, links: 1);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.NotNull(_window.Acknowledge(new AckState(0, ++_written, [])));
        Assert.Equal(TimeSpan.FromMilliseconds(100), _window.Starved);
    }

    [Fact]
    public void A_chunk_that_has_arrived_is_not_sent_again_and_keeps_its_place_in_the_window_until_it_is_written()
    {
        Fill();
        List<long> lost = TakeAll(connection: 0, links: 2);
        _window.Acknowledge(new AckState(0, 0, [new ChunkRange(lost[1], 1)]));
        _window.Requeue(0);
        Assert.Equal(lost.Where(n => n != lost[1]), TakeAll(connection: 1, links: 1).Where(lost.Contains));

        Task adding = _window.AddAsync(new OutgoingChunk(_made, new byte[1], 1, 1), TestContext.Current.CancellationToken).AsTask();
        Assert.False(adding.IsCompleted);
        _window.Acknowledge(new AckState(0, 1, []));
        Assert.Equal(1, _window.AcknowledgedRawBytes);
    }

    [Fact]
    public void The_chunks_of_a_connection_that_may_be_silent_are_sent_once_more_by_one_that_is_idle()
    {
        Fill();
        List<long> silent = TakeAll(connection: 0, links: 2);
        TakeAll(connection: 1, links: 2);
        Assert.Null(_window.TryTake(connection: 1, links: 1));
        _window.Repeat(connection => connection == 0);
        Assert.Null(_window.TryTake(connection: 0, links: 1));
        Assert.Equal(silent, TakeAll(connection: 1, links: 1));
        _window.Repeat(connection => connection == 0);
        Assert.Null(_window.TryTake(connection: 1, links: 1));
    }

    [Fact]
    public void An_old_ack_that_arrives_late_changes_nothing()
    {
        Fill();
        TakeAll(connection: 0, links: 1);
        _window.Acknowledge(new AckState(0, 5, [new ChunkRange(7, 2)]));
        _window.Acknowledge(new AckState(0, 2, []));
        Assert.Equal(5, _window.AcknowledgedRawBytes);
        _window.Requeue(0);
        Assert.DoesNotContain(7, TakeAll(connection: 1, links: 1));
    }

    /// <summary>Lets links deliver one chunk each, in the order they took them, at every so many steps.</summary>
    /// <returns>Chunks acknowledged.</returns>
    private long Run(int steps, int[] everyStep)
    {
        Queue<long>[] onTheWay = [.. everyStep.Select(_ => new Queue<long>())];
        for (int step = 0; step < steps; step++)
        {
            Fill();
            for (int link = 0; link < onTheWay.Length; link++)
            {
                foreach (long number in TakeAll(link, onTheWay.Length))
                    onTheWay[link].Enqueue(number);
            }

            for (int link = 0; link < onTheWay.Length; link++)
            {
                if (step % everyStep[link] == everyStep[link] - 1 && onTheWay[link].TryDequeue(out long number))
                    _here.Add(number);
            }

            // The receiver writes, and acknowledges, in order.
            while (_here.Remove(_written))
                _written++;
            _window.Acknowledge(new AckState(0, _written, []));
        }

        return _written + _here.Count;
    }

    private void Fill(int capacity = Capacity)
    {
        while (_made < _written + capacity)
        {
            ValueTask adding = _window.AddAsync(new OutgoingChunk(_made++, new byte[1], 1, 1), TestContext.Current.CancellationToken);
            Assert.True(adding.IsCompletedSuccessfully);
        }
    }

    private List<long> TakeAll(int connection, int links)
    {
        List<long> taken = [];
        while (_window.TryTake(connection, links) is { } chunk)
        {
            taken.Add(chunk.Number);
            _window.Release(chunk, connection);
        }

        return taken;
    }
}
