using P2PCopy.Primitives;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Delivery;

/// <summary>
/// The sender's chunks between "made" and "acknowledged". Bounded, so memory is flat and a slow receiver slows the
/// reading of files. Any link may take the next chunk, up to its equal part of the window: chunks are acknowledged in
/// order, so whatever one link hoards keeps the others idle. What a lost link carried goes back in line.
/// </summary>
/// <param name="time">The clock that deliveries are measured by.</param>
/// <param name="added">Told that there is something to take.</param>
internal sealed class ChunkOutbox(TimeProvider time, Action added)
{
    private readonly Lock _lock = new();
    private readonly List<OutgoingChunk> _chunks = []; // by number; at most a few dozen
    private readonly AsyncSignal _room = new();
    private readonly DeliveryRate _rate = new(time);
    private BufferPool _pool = new(0);
    private int _capacity = 1;
    private long _nextNumber;
    private bool _producerWaits;

    /// <summary>Chunks handed to links, repeats included.</summary>
    public long Sent { get; private set; }

    /// <summary>Chunks handed to a link again because the first one was lost.</summary>
    public long Repeated { get; private set; }

    /// <summary>Raw bytes of all chunks that were acknowledged.</summary>
    public long AcknowledgedRawBytes { get; private set; }

    /// <summary>Bytes of the records of all chunks that were acknowledged.</summary>
    public long AcknowledgedRecordBytes { get; private set; }

    /// <summary>Time in which links had nothing to send although the window had room: something else was the limit.</summary>
    public TimeSpan Starved
    {
        get
        {
            lock (_lock)
                return _rate.Starved;
        }
    }

    /// <summary>
    /// Sets, before the first chunk, how many chunks may be unacknowledged and where buffers go back to. Chunks are counted
    /// and not their bytes: at the receiver a chunk takes a whole buffer, however well it was compressed.
    /// </summary>
    public void Configure(int capacity, BufferPool pool)
    {
        lock (_lock)
        {
            _capacity = capacity;
            _pool = pool;
        }
    }

    /// <summary>Puts a chunk in line; waits for room. One caller at a time, numbers ascending.</summary>
    public async ValueTask AddAsync(OutgoingChunk chunk, CancellationToken cancellationToken)
    {
        while (!TryAdd(chunk))
            await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        added();
    }

    /// <summary>The lowest chunk that waits, from now on carried by <paramref name="stream"/>; null when there is none for it.</summary>
    /// <param name="stream">Who asks.</param>
    /// <param name="links">How many links there are to share the window.</param>
    public OutgoingChunk? TryTake(int stream, int links)
    {
        lock (_lock)
        {
            if (HasItsPart(stream, links))
                return null;
            foreach (OutgoingChunk chunk in _chunks)
            {
                if (chunk.Stream is not null || chunk.Sending)
                    continue;
                chunk.Taken = _rate.Mark();
                chunk.Stream = stream;
                chunk.Sending = true;
                Sent++;
                if (chunk.TimesSent++ > 0)
                    Repeated++;
                return chunk;
            }

            if (_chunks.Count < _capacity && !_producerWaits)
                _rate.Starve();
            return null;
        }
    }

    /// <summary>The link that took the chunk has read its buffer to the end, or failed while it did.</summary>
    public void Release(OutgoingChunk chunk)
    {
        lock (_lock)
        {
            chunk.Sending = false;
            if (chunk.Acknowledged)
                _pool.Return(chunk.Buffer);
        }
    }

    /// <summary>Forgets what the receiver has written.</summary>
    /// <returns>What <see cref="DeliveryRate.Acknowledge"/> makes of it.</returns>
    /// <exception cref="P2PException">The ack names a chunk that was never sent.</exception>
    public (long Bytes, TimeSpan Elapsed)? Acknowledge(AckState ack)
    {
        (long Bytes, TimeSpan Elapsed)? delivery = null;
        lock (_lock)
        {
            if (ack.NextChunk > _nextNumber)
                throw ProtocolErrors.Malformed($"the ack wants chunk {ack.NextChunk}, but only {_nextNumber} exist");
            long before = AcknowledgedRecordBytes;
            OutgoingChunk? last = null;
            for (int i = 0; i < _chunks.Count; i++)
            {
                OutgoingChunk chunk = _chunks[i];
                if (!ack.Covers(chunk.Number))
                    continue;
                if (chunk.TimesSent == 0)
                    throw ProtocolErrors.Malformed($"the ack names chunk {chunk.Number}, which was not sent");
                chunk.Acknowledged = true;
                AcknowledgedRawBytes += chunk.RawLength;
                AcknowledgedRecordBytes += chunk.RecordLength;
                _chunks.RemoveAt(i--);
                last = chunk;
                if (!chunk.Sending)
                    _pool.Return(chunk.Buffer);
            }

            if (last is not null)
                delivery = _rate.Acknowledge(AcknowledgedRecordBytes - before, last.Taken);
        }

        _room.Set();
        return delivery;
    }

    /// <summary>A link is lost: what it carried without an ack waits again.</summary>
    public void Requeue(int stream)
    {
        lock (_lock)
        {
            foreach (OutgoingChunk chunk in _chunks)
            {
                if (chunk.Stream == stream)
                    chunk.Stream = null;
            }
        }
    }

    /// <summary>The numbers below <paramref name="next"/> exist, those not added were announced as void.</summary>
    public void Skip(long next)
    {
        lock (_lock)
            _nextNumber = Math.Max(_nextNumber, next);
    }

    private bool HasItsPart(int stream, int links)
    {
        int left = (_capacity + Math.Max(1, links) - 1) / Math.Max(1, links);
        foreach (OutgoingChunk chunk in _chunks)
        {
            if (chunk.Stream == stream && --left == 0)
                return true;
        }

        return false;
    }

    private bool TryAdd(OutgoingChunk chunk)
    {
        lock (_lock)
        {
            _producerWaits = _chunks.Count >= _capacity;
            if (_producerWaits)
                return false;
            _rate.Feed();
            _chunks.Add(chunk);
            _nextNumber = Math.Max(_nextNumber, chunk.Number + 1); // void ones beyond it may be announced already
            return true;
        }
    }
}
