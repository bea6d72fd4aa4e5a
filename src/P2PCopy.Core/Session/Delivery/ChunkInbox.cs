using P2PCopy.Primitives;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Delivery;

/// <summary>
/// The receiver's chunks: they come in any order over any link, are taken in the order of their numbers, each once, and
/// count for the ack when they are written. Bounded by the window that the receiver announced.
/// </summary>
/// <param name="time">The clock that waiting is measured by.</param>
internal sealed class ChunkInbox(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, IncomingChunk> _arrived = [];
    private readonly List<NumberRange> _written = []; // beyond _nextWritten: ascending, merged
    private readonly List<NumberRange> _voids = []; // ascending, not taken yet
    private readonly AsyncSignal _change = new();
    private long _nextToTake;
    private long _nextWritten;
    private int _capacityChunks = 1;
    private long? _heldUpSince; // half of the window is here, and the chunk to take next is not

    /// <summary>Chunks that came, repeats included.</summary>
    public long Received { get; private set; }

    /// <summary>Chunks that came although they were here.</summary>
    public long Repeated { get; private set; }

    /// <summary>Sets how many chunks may be here without an ack.</summary>
    public void Configure(int capacityChunks)
    {
        lock (_lock)
            _capacityChunks = capacityChunks;
    }

    /// <summary>Takes in a chunk from a link; disposes one that is here already.</summary>
    /// <returns>How long half of the window had waited for this one.</returns>
    /// <exception cref="P2PException">The sender overran the window. The chunk remains the caller's.</exception>
    public TimeSpan Add(IncomingChunk chunk)
    {
        long number = chunk.Header.Number;
        TimeSpan heldUp = TimeSpan.Zero;
        lock (_lock)
        {
            Received++;
            if (number < _nextToTake || _arrived.ContainsKey(number) || IsVoid(number))
            {
                Repeated++;
                chunk.Dispose();
                return heldUp;
            }

            if (_arrived.Count >= _capacityChunks)
                throw ProtocolErrors.Malformed($"chunk {number} is beyond the window of {_capacityChunks} chunks");

            _arrived.Add(number, chunk);
            if (number == _nextToTake && _heldUpSince is { } since)
                heldUp = time.GetElapsedTime(since);
        }

        _change.Set();
        return heldUp;
    }

    /// <summary>Chunks that the sender announced as not coming.</summary>
    /// <exception cref="P2PException">They overlap what came or was announced.</exception>
    public void AddVoid(long first, long count)
    {
        lock (_lock)
        {
            if (count <= 0 || first < _nextToTake || (_voids.Count > 0 && first < _voids[^1].End) || first > long.MaxValue - count || HasArrived(new NumberRange(first, first + count)))
                throw ProtocolErrors.Malformed($"void names the chunks {first} and {count - 1} more, which is not possible here");
            _voids.Add(new NumberRange(first, first + count));
        }

        _change.Set();
    }

    /// <summary>Takes the next chunk in order; or, where void ones come next, none and how many. False when it is not here yet.</summary>
    public bool TryTake(out IncomingChunk? chunk, out long voidCount)
    {
        lock (_lock)
        {
            voidCount = 0;
            if (_arrived.Remove(_nextToTake, out chunk))
            {
                _nextToTake++;
                _heldUpSince = null;
                return true;
            }

            if (_voids.Count == 0 || _voids[0].First != _nextToTake)
            {
                if (_arrived.Count >= (_capacityChunks + 1) / 2)
                    _heldUpSince ??= time.GetTimestamp();
                return false;
            }

            NumberRange range = _voids[0];
            _voids.RemoveAt(0);
            _nextToTake = range.End;
            _heldUpSince = null;
            MarkWritten(range);
            voidCount = range.End - range.First;
            return true;
        }
    }

    /// <summary>Waits until there may be more to take. One caller at a time.</summary>
    public ValueTask<AsyncSignal> ChangeAsync(CancellationToken cancellationToken) => _change.WaitAsync(cancellationToken);

    /// <summary>A chunk's bytes are with the operating system.</summary>
    public void MarkWritten(long number)
    {
        lock (_lock)
            MarkWritten(new NumberRange(number, number + 1));
    }

    /// <summary>What an ack tells about chunks.</summary>
    public (long Next, ChunkRange[] Beyond) Written()
    {
        lock (_lock)
        {
            var beyond = new ChunkRange[Math.Min(_written.Count, AckState.MaxRanges)];
            for (int i = 0; i < beyond.Length; i++)
            {
                NumberRange range = _written[i];
                beyond[i] = new ChunkRange(range.First, (uint)Math.Min(range.End - range.First, uint.MaxValue));
            }

            return (_nextWritten, beyond);
        }
    }

    /// <summary>Gives back the buffers of chunks that nobody took.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (IncomingChunk chunk in _arrived.Values)
                chunk.Dispose();
            _arrived.Clear();
        }
    }

    private bool HasArrived(NumberRange range)
    {
        foreach (long number in _arrived.Keys)
        {
            if (range.Contains(number))
                return true;
        }

        return false;
    }

    private bool IsVoid(long number)
    {
        foreach (NumberRange range in _voids)
        {
            if (range.Contains(number))
                return true;
        }

        return false;
    }

    private void MarkWritten(NumberRange range)
    {
        int at = 0;
        while (at < _written.Count && _written[at].First < range.First)
            at++;
        _written.Insert(at, range);
        if (at + 1 < _written.Count && _written[at + 1].First == range.End)
        {
            _written[at] = range = new NumberRange(range.First, _written[at + 1].End);
            _written.RemoveAt(at + 1);
        }

        if (at > 0 && _written[at - 1].End == range.First)
        {
            _written[at - 1] = new NumberRange(_written[at - 1].First, range.End);
            _written.RemoveAt(at);
        }

        if (_written[0].First == _nextWritten)
        {
            _nextWritten = _written[0].End;
            _written.RemoveAt(0);
        }
    }

    private readonly record struct NumberRange(long First, long End)
    {
        public bool Contains(long number) => number >= First && number < End;
    }
}
