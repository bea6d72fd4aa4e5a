using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Links;
using P2PCopy.Session.Messages;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>
/// A copy over some connections of the same speed, one of which fails: the sender's outbox and watches on virtual time, called as
/// <see cref="SessionLinks"/> calls them. A seed draws which connection fails and when, when the others are up, when the ticks
/// are, whether the network swallows chunks or holds them back, and whether the receiver loses its messenger too.
/// </summary>
internal sealed class FailingConnection
{
    private const int Most = 4;
    private const double Step = 0.01;
    private const double Tick = 0.25;
    private const double Latency = 0.02;

    private readonly ManualTimeProvider _clock = new();
    private readonly BufferPool _pool = new(1);
    private readonly SilenceWatch _silence = new();
    private readonly ChunkOutbox _outbox;
    private readonly Queue<OutgoingChunk>[] _carried = [.. Enumerable.Range(0, Most).Select(_ => new Queue<OutgoingChunk>())];
    private readonly Queue<(double Due, AckState Ack)> _acks = new();
    private readonly SortedSet<long> _arrived = [];
    private readonly double[] _delivered = new double[Most]; // of the first chunk
    private readonly double[] _all = new double[Most]; // in chunks
    private readonly double[] _heard = new double[Most];
    private readonly double[] _upAt = new double[Most];
    private readonly double[] _speed = new double[Most]; // chunks per second
    private readonly bool[] _closed = new bool[Most];
    private readonly int _window;
    private readonly int _chunks;
    private readonly int _connections;
    private readonly int _bad;
    private readonly bool _isSilent;
    private readonly bool _losesMessenger;
    private readonly double _failsAfter;
    private readonly double _held; // chunks that a connection takes before it waits
    private double _senderTick;
    private double _receiverTick;
    private double _now;
    private double _lastWritten = -0.15; // the offer
    private long _made;
    private long _written;
    private long _acknowledged;
    private bool _ackIsDue;

    /// <param name="random">Draws the circumstances.</param>
    /// <param name="window">Chunks that may be unacknowledged.</param>
    /// <param name="seconds">The time that a connection needs for a chunk.</param>
    /// <param name="chunks">Chunks to copy.</param>
    /// <param name="isSilent">Whether the connection is silent, or has a hundredth of its speed; null if none fails.</param>
    /// <param name="connections">The number of connections.</param>
    public FailingConnection(Random random, int window, double seconds, int chunks, bool? isSilent = null, int connections = Most)
    {
        _outbox = new ChunkOutbox(_clock, () => { });
        _outbox.Configure(window, _pool);
        (_window, _chunks, _connections) = (window, chunks, connections);
        _bad = isSilent is null ? -1 : random.Next(connections);
        _isSilent = isSilent is true;
        _failsAfter = (0.001 + (1.875 * random.NextDouble())) / seconds; // within the first half of what the connection would carry
        _losesMessenger = _isSilent && random.Next(4) != 0;
        _held = random.Next(2) == 0 ? window : 0.15;
        (_senderTick, _receiverTick) = (Tick * random.NextDouble(), Tick * random.NextDouble());
        for (int i = 0; i < connections; i++)
        {
            _upAt[i] = i == 0 ? 0 : 0.05 + (0.15 * random.NextDouble());
            _speed[i] = (0.95 + (0.05 * random.NextDouble())) / seconds;
        }
    }

    /// <summary>The longest time in which nothing was written.</summary>
    public double Longest { get; private set; }

    public double Seconds => _now;

    public long Repeated => _outbox.Repeated;

    /// <summary>Which chunks were sent twice, and which connections were closed.</summary>
    public string Story { get; private set; } = "";

    private int Links => Enumerable.Range(0, _connections).Count(IsUp);

    public FailingConnection Run()
    {
        while (_written < _chunks)
        {
            Fill();
            for (int turn = 0; turn < _connections; turn++)
                Take((turn + (int)(_now / Step)) % _connections);
            _now += Step;
            _clock.Advance(TimeSpan.FromSeconds(Step));
            for (int i = 0; i < _connections; i++)
                Deliver(i);
            Write();
            Acknowledge();
            if (IsDue(ref _senderTick))
                Watch();
            Assert.True(_now < 300, "stuck:" + Story);
        }

        return this;
    }

    private void Fill()
    {
        for (; _made < Math.Min(_chunks, _acknowledged + _window); _made++)
        {
            ValueTask adding = _outbox.AddAsync(new OutgoingChunk(_made, new byte[1], 1000, 1000), TestContext.Current.CancellationToken);
            Assert.True(adding.IsCompletedSuccessfully);
        }
    }

    private void Take(int connection)
    {
        int shares = _now < 1 ? Math.Max(_connections, Links) : Links;
        while (IsUp(connection) && _carried[connection].Count - _delivered[connection] < _held && _outbox.TryTake(connection, shares) is { } chunk)
        {
            if (chunk.TimesSent > 1)
                Story += $" {chunk.Number} again over {connection} at {_now:0.00};";
            if (connection != _bad)
                _outbox.Release(chunk, connection);
            _carried[connection].Enqueue(chunk);
        }
    }

    private void Deliver(int connection)
    {
        bool fails = connection == _bad && _all[connection] >= _failsAfter;
        if (!fails || !_isSilent)
            _heard[connection] = _now;
        if (_closed[connection] || _carried[connection].Count == 0)
            return;
        double part = Step * _speed[connection] * (!fails ? 1 : _isSilent ? 0 : 0.01);
        _all[connection] += part;
        _delivered[connection] += part;
        if (_delivered[connection] < 1)
            return;
        OutgoingChunk chunk = _carried[connection].Dequeue();
        _delivered[connection] = _carried[connection].Count > 0 ? _delivered[connection] - 1 : 0;
        if (connection == _bad)
            _outbox.Release(chunk, connection);
        _arrived.Add(chunk.Number);
        _ackIsDue = true;
    }

    private void Write()
    {
        long before = _written;
        while (_arrived.Remove(_written))
            _written++;
        if (_written == before)
            return;
        Longest = Math.Max(Longest, _now - _lastWritten);
        _lastWritten = _now;
        _ackIsDue = true;
    }

    /// <summary>Acks go over the messenger at once and over the others with the next tick.</summary>
    private void Acknowledge()
    {
        bool isTick = IsDue(ref _receiverTick);
        bool messengerIsLost = _losesMessenger && !_closed[_bad] && _all[_bad] >= _failsAfter;
        if (_ackIsDue && (isTick || !messengerIsLost))
        {
            _ackIsDue = false;
            _acks.Enqueue((_now + Latency, new AckState(0, _written, [.. _arrived.Select(number => new ChunkRange(number, 1))])));
        }

        while (_acks.TryPeek(out (double Due, AckState Ack) next) && next.Due <= _now)
        {
            _acknowledged = next.Ack.NextChunk;
            _outbox.Acknowledge(_acks.Dequeue().Ack);
        }
    }

    private void Watch()
    {
        int? silent = _silence.Observe([.. Enumerable.Range(0, _connections).Select(i => IsUp(i) ? _now - _heard[i] < Tick : (bool?)null)]);
        _outbox.Repeat(_silence.IsSuspect);
        if (silent is { } one)
            Close(one);
        if (_outbox.FindStraggler(Links) is { } slow)
            Close(slow);
    }

    private void Close(int connection)
    {
        Story += $" {connection} closed at {_now:0.00};";
        Assert.True(connection == _bad && _all[connection] >= _failsAfter, Story);
        foreach (OutgoingChunk chunk in _carried[connection])
            _outbox.Release(chunk, connection);
        _carried[connection].Clear();
        _closed[connection] = true;
        _outbox.Requeue(connection);
    }

    private bool IsUp(int connection) => !_closed[connection] && _now >= _upAt[connection];

    private bool IsDue(ref double tick)
    {
        if (_now < tick)
            return false;
        tick += Tick;
        return true;
    }
}
