using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>Which connection a sender gives up, by which chunks have arrived.</summary>
public sealed class StragglerWatchTests
{
    private const int Capacity = 24;
    private const double Step = 0.25;

    private readonly ManualTimeProvider _clock = new();
    private readonly BufferPool _pool = new(1);
    private readonly ChunkOutbox _outbox;
    private readonly Queue<(long Number, double Due)>[] _carried = [new(), new(), new(), new()];
    private readonly double[] _free = new double[4];
    private readonly HashSet<long> _arrived = [];
    private int _capacity = Capacity;
    private bool _takesTurns; // any connection may be the first that is free, not always the one with the lowest number
    private long _made;
    private long _written;
    private long _total = long.MaxValue;
    private double _now;
    private double _lastProgress;
    private double _longestStandstill;
    private double _lastWritten;
    private double _longestPause; // in which nothing was written

    public StragglerWatchTests()
    {
        _outbox = new ChunkOutbox(_clock, () => { });
        _outbox.Configure(Capacity, _pool);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_connection_with_a_hundredth_of_the_speed_is_given_up_before_its_chunk_arrives(int slow)
    {
        double at = SecondsUntilGivenUp(slow, [.. Enumerable.Range(0, 4).Select(i => i == slow ? 25 : 0.25)]);
        Assert.InRange(at, 0, 4);
        Assert.InRange(_longestStandstill, 0, 3);
    }

    [Theory]
    [InlineData(24, 0.25)]
    [InlineData(6, 1)] // large chunks
    public void Another_connection_sends_the_late_chunk_too_so_that_the_standstill_is_short(int capacity, double seconds)
    {
        _outbox.Configure(capacity, _pool);
        _capacity = capacity;
        Assert.InRange(SecondsUntilGivenUp(1, [seconds, 100 * seconds, seconds, seconds]), 0, 4);
        Assert.True(_outbox.Repeated > 0);
        SecondsUntilGivenUp(1, [seconds, 100 * seconds, seconds, seconds], limit: _now + 3); // until the repeated chunks have arrived
        Assert.InRange(_longestStandstill, 0, 1.25 + seconds);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(0, 5)]
    [InlineData(1, 6.25)]
    [InlineData(2, 5)]
    [InlineData(3, 2)]
    [InlineData(3, 5.5)]
    public void A_slow_connection_with_large_chunks_delays_the_others_once_and_not_for_long(int slow, double since)
    {
        const int Alone = 30; // seconds that three connections need
        _takesTurns = true;
        _outbox.Configure(_capacity = 6, _pool);
        _total = 3 * Alone;
        double[] seconds = [1, 1, 1, 1];
        SecondsUntilGivenUp(slow, seconds, limit: since);
        seconds[slow] = 100;
        Assert.InRange(SecondsUntilGivenUp(slow, seconds), since, since + 7);
        Close(slow, seconds);
        Assert.Equal(double.PositiveInfinity, SecondsUntilGivenUp(null, seconds));
        Assert.Equal(_total, _written);
        Assert.InRange(_longestPause, 0, 2);
        Assert.InRange(_now, 0, 1.2 * Alone);
    }

    [Fact]
    public void A_connection_that_has_not_sent_a_chunk_when_its_copy_arrives_is_given_up_at_once()
    {
        Fill();
        OutgoingChunk late = _outbox.TryTake(0, links: 2)!;
        while (_outbox.TryTake(1, links: 1) is { } taken)
        {
            _arrived.Add(taken.Number);
            _outbox.Release(taken, 1);
        }

        Advance();
        Acknowledge();
        OutgoingChunk? copy = null;
        for (int i = 0; i < 8 && copy is null; i++)
        {
            Advance();
            Assert.Null(_outbox.FindStraggler(2));
            Assert.Null(_outbox.TryTake(0, links: 1)); // not over the same connection
            copy = _outbox.TryTake(1, links: 1);
        }

        Assert.Same(late, copy);
        _written = 1;
        Acknowledge();
        Assert.Equal(0, _outbox.FindStraggler(2));

        // The buffer is free when no link reads it.
        _outbox.Release(late, 1);
        Assert.NotSame(late.Buffer, _pool.Rent());
        _outbox.Release(late, 0);
        Assert.Same(late.Buffer, _pool.Rent());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    public void A_connection_for_which_the_others_wait_most_of_the_time_is_given_up(double times)
        => Assert.InRange(SecondsUntilGivenUp(2, [1, 1, times, 1]), 0, 30);

    [Theory]
    [InlineData(0.25)]
    [InlineData(10)] // a slow network, where every chunk takes as long
    [InlineData(100)]
    public void Connections_of_the_same_speed_are_kept(double seconds)
        => Assert.Equal(double.PositiveInfinity, SecondsUntilGivenUp(null, [seconds, seconds * 1.1, seconds * 0.9, seconds]));

    [Theory]
    [InlineData(0.25)]
    [InlineData(10)]
    public void The_last_chunk_of_a_transfer_may_take_as_long_as_any_other(double seconds)
    {
        _total = 9; // one connection has a chunk more than the others
        Assert.Equal(double.PositiveInfinity, SecondsUntilGivenUp(null, [seconds, seconds, seconds, seconds]));
        Assert.Equal(9, _written);
    }

    [Fact]
    public void The_last_chunk_on_a_slow_connection_is_not_waited_for()
    {
        _total = 8;
        double[] seconds = [0.25, 30, 0.25, 0.25];
        SecondsUntilGivenUp(1, seconds);
        Close(1, seconds);
        SecondsUntilGivenUp(null, seconds);
        Assert.Equal(8, _written);
        Assert.InRange(_now, 0, 4);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void A_connection_that_took_every_chunk_before_another_was_up_is_given_up_once(int links, bool isGivenUp)
    {
        _total = 3;
        Fill();
        TakeAll(0);

        Assert.Equal(isGivenUp ? 0 : null, FindWithin(20));
        _outbox.Requeue(0);
        TakeAll(1);
        Assert.Null(FindWithin(20));

        int? FindWithin(double seconds)
        {
            for (double until = _now + seconds; _now < until;)
            {
                Advance();
                if (_outbox.FindStraggler(links) is { } found)
                    return found;
            }

            return null;
        }
    }

    [Fact]
    public void A_receiver_that_writes_slowly_is_not_the_fault_of_a_connection()
    {
        for (int i = 0; i < 400; i++)
        {
            Fill();
            foreach (int connection in (int[])[0, 1, 2, 3])
                _arrived.UnionWith(TakeAll(connection));
            Advance();
            if (i % 10 == 0)
                _written++; // 2.5 s for each chunk
            Acknowledge();
            Assert.Null(_outbox.FindStraggler(4));
        }
    }

    [Fact]
    public void A_pause_of_this_machine_is_not_the_fault_of_a_connection()
    {
        Assert.Equal(double.PositiveInfinity, SecondsUntilGivenUp(null, [0.25, 0.25, 0.25, 0.25], limit: 5));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_outbox.FindStraggler(4));
    }

    /// <summary>Runs four connections that take what they may and need so many seconds for a chunk.</summary>
    private double SecondsUntilGivenUp(int? expected, double[] seconds, double limit = 2000)
    {
        while (_now < limit && _written < _total)
        {
            Fill();
            for (int turn = 0; turn < seconds.Length; turn++)
            {
                int i = _takesTurns ? (turn + (int)_made) % seconds.Length : turn;
                if (double.IsInfinity(seconds[i]))
                    continue; // it was closed
                foreach (long number in TakeAll(i))
                {
                    _free[i] = Math.Max(_now, _free[i]) + seconds[i];
                    _carried[i].Enqueue((number, _free[i]));
                }
            }

            Advance();
            foreach (Queue<(long Number, double Due)> carried in _carried)
            {
                while (carried.TryPeek(out (long Number, double Due) chunk) && chunk.Due <= _now)
                {
                    _arrived.Add(carried.Dequeue().Number);
                    _lastProgress = _now;
                }
            }

            _longestStandstill = Math.Max(_longestStandstill, _now - _lastProgress);
            _longestPause = Math.Max(_longestPause, _now - _lastWritten);
            while (_arrived.Contains(_written))
                (_written, _lastWritten) = (_written + 1, _now);
            Acknowledge();
            if (_outbox.FindStraggler(4) is { } found)
            {
                Assert.True(expected == found, $"{found} at {_now} s");
                return _now;
            }
        }

        return double.PositiveInfinity;
    }

    private void Close(int connection, double[] seconds)
    {
        _outbox.Requeue(connection);
        _carried[connection].Clear();
        seconds[connection] = double.PositiveInfinity;
    }

    private void Fill()
    {
        while (_made < Math.Min(_total, _written + _capacity))
        {
            ValueTask adding = _outbox.AddAsync(new OutgoingChunk(_made++, new byte[1], 1, 1), TestContext.Current.CancellationToken);
            Assert.True(adding.IsCompletedSuccessfully);
        }
    }

    private List<long> TakeAll(int connection)
    {
        List<long> taken = [];
        while (_outbox.TryTake(connection, links: 4) is { } chunk)
        {
            taken.Add(chunk.Number);
            _outbox.Release(chunk, connection);
        }

        return taken;
    }

    private void Advance()
    {
        _now += Step;
        _clock.Advance(TimeSpan.FromSeconds(Step));
    }

    private void Acknowledge()
        => _outbox.Acknowledge(new AckState(0, _written, Ranges()));

    private ChunkRange[] Ranges()
    {
        List<ChunkRange> ranges = [];
        foreach (long number in _arrived.Where(n => n >= _written).Order())
        {
            if (ranges.Count > 0 && ranges[^1].First + ranges[^1].Count == number)
                ranges[^1] = new ChunkRange(ranges[^1].First, ranges[^1].Count + 1);
            else
                ranges.Add(new ChunkRange(number, 1));
        }

        return [.. ranges];
    }
}
