using P2PCopy.Primitives;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Delivery;

/// <summary>
/// The receiver's chunks. They arrive in any order over any link and are taken in the order of their numbers, each once.
/// The window that the receiver announced limits their number.
/// </summary>
internal sealed class ChunkInbox
{
    /// <summary>
    /// Void ranges that are not taken yet. Between two ranges there is at least one chunk with the trailer of the failed file,
    /// so a sender cannot be further ahead than its window and the chunks that it is encoding.
    /// </summary>
    internal const int MostVoids = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, IncomingChunk> _arrived = [];
    private readonly List<NumberRange> _written = []; // above _nextWritten, ascending, merged
    private readonly List<NumberRange> _voids = []; // ascending, not taken yet
    private readonly AsyncSignal _change = new();
    private long _nextToTake;
    private long _nextWritten;
    private int _capacityChunks = 1;

    /// <summary>Chunks that arrived, including repeats.</summary>
    public long Received { get; private set; }

    /// <summary>Chunks that arrived again.</summary>
    public long Repeated { get; private set; }

    /// <summary>Sets the maximum number of chunks in the inbox.</summary>
    public void Configure(int capacityChunks)
    {
        lock (_lock)
            _capacityChunks = capacityChunks;
    }

    /// <summary>Adds a chunk from a link; disposes one that has arrived before.</summary>
    /// <exception cref="P2PException">The sender exceeded the window. The caller still owns the chunk.</exception>
    public void Add(IncomingChunk chunk)
    {
        long number = chunk.Header.Number;
        lock (_lock)
        {
            Received++;
            if (number < _nextToTake || _arrived.ContainsKey(number) || IsVoid(number))
            {
                Repeated++;
                chunk.Dispose();
                return;
            }

            if (_arrived.Count >= _capacityChunks)
                throw ProtocolErrors.Malformed($"chunk {number} is beyond the window of {_capacityChunks} chunks");

            _arrived.Add(number, chunk);
        }

        _change.Set();
    }

    /// <summary>Adds chunks that the sender announced as void.</summary>
    /// <exception cref="P2PException">They overlap chunks that arrived or were announced.</exception>
    public void AddVoid(long first, long count)
    {
        lock (_lock)
        {
            if (count <= 0 || first < _nextToTake || (_voids.Count > 0 && first < _voids[^1].End) || first > long.MaxValue - count || HasArrived(new NumberRange(first, first + count)))
                throw ProtocolErrors.Malformed($"void names the chunks {first} and {count - 1} more, which is not possible here");
            if (_voids.Count == MostVoids)
                throw ProtocolErrors.Malformed($"more than {MostVoids} ranges of void chunks at once");
            _voids.Add(new NumberRange(first, first + count));
        }

        _change.Set();
    }

    /// <summary>Takes the next chunk in order or, if void chunks are next, their number. False if the next chunk has not arrived.</summary>
    public bool TryTake(out IncomingChunk? chunk, out long voidCount)
    {
        lock (_lock)
        {
            voidCount = 0;
            if (_arrived.Remove(_nextToTake, out chunk))
            {
                _nextToTake++;
                return true;
            }

            if (_voids.Count == 0 || _voids[0].First != _nextToTake)
                return false;

            NumberRange range = _voids[0];
            _voids.RemoveAt(0);
            _nextToTake = range.End;
            MarkWritten(range);
            voidCount = range.End - range.First;
            return true;
        }
    }

    /// <summary>Waits until there may be more to take. One caller at a time.</summary>
    public ValueTask<AsyncSignal> ChangeAsync(CancellationToken cancellationToken) => _change.WaitAsync(cancellationToken);

    /// <summary>Notes that the operating system has the bytes of a chunk.</summary>
    public void MarkWritten(long number)
    {
        lock (_lock)
            MarkWritten(new NumberRange(number, number + 1));
    }

    /// <summary>All chunks below this one are written.</summary>
    public long NextWritten
    {
        get
        {
            lock (_lock)
                return _nextWritten;
        }
    }

    /// <summary>The chunks of an ack: all below <c>Next</c> are written, and those in <c>Arrived</c> have arrived.</summary>
    public (long Next, ChunkRange[] Arrived) Ack()
    {
        lock (_lock)
        {
            var ranges = new List<ChunkRange>();
            if (_nextToTake > _nextWritten)
                ranges.Add(Range(_nextWritten, _nextToTake));
            long[] numbers = [.. _arrived.Keys];
            Array.Sort(numbers);
            foreach (long number in numbers)
            {
                if (ranges.Count > 0 && ranges[^1].First + ranges[^1].Count == number)
                    ranges[^1] = Range(ranges[^1].First, number + 1);
                else if (ranges.Count < AckState.MaxRanges)
                    ranges.Add(Range(number, number + 1));
                else
                    break;
            }

            return (_nextWritten, [.. ranges]);
        }
    }

    /// <summary>Returns the buffers of chunks that were not taken.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (IncomingChunk chunk in _arrived.Values)
                chunk.Dispose();
            _arrived.Clear();
        }
    }

    private static ChunkRange Range(long first, long end) => new(first, (uint)Math.Min(end - first, uint.MaxValue));

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
