using P2PCopy.Primitives;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Delivery;

/// <summary>
/// Keeps the sender's chunks until the receiver has written them. Their number is limited, so the memory is too, and a slow
/// receiver slows the reading of files. Any link may take the next chunk, up to its equal part of the window, because
/// chunks are written in order and those that wait in one link would keep the others idle. The chunks of a lost link return to
/// the queue. When the others wait for a link, one that is idle sends its chunks too.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="added">Called when there is a chunk to take.</param>
internal sealed class ChunkOutbox(TimeProvider time, Action added)
{
    /// <summary>How long a late chunk waits for the connection with the fewest chunks on their way, which may be blocked.</summary>
    private static readonly TimeSpan LongestChoice = TimeSpan.FromSeconds(0.25);

    private readonly Lock _lock = new();
    private readonly List<OutgoingChunk> _chunks = []; // by number; at most a few dozen
    private readonly AsyncSignal _room = new();
    private readonly DeliveryRate _rate = new(time);
    private readonly StragglerWatch _stragglers = new(time);
    private readonly ConnectionLoads _loads = new();
    private BufferPool _pool = new(0);
    private int _capacity = 1;
    private long _nextNumber;
    private long _acknowledged;
    private bool _producerWaits;
    private int? _overtaken; // a connection that another one has overtaken

    /// <summary>Chunks that links took, including repeats.</summary>
    public long Sent { get; private set; }

    /// <summary>Chunks that a second link took because the first one was lost or late.</summary>
    public long Repeated { get; private set; }

    /// <summary>Raw bytes of all chunks that were acknowledged.</summary>
    public long AcknowledgedRawBytes { get; private set; }

    /// <summary>Bytes of the records of all chunks that were acknowledged.</summary>
    public long AcknowledgedRecordBytes { get; private set; }

    /// <summary>The time in which links had nothing to send although the window had space, because something else was the bottleneck.</summary>
    public TimeSpan Starved
    {
        get
        {
            lock (_lock)
                return _rate.Starved;
        }
    }

    /// <summary>What was delivered so far: chunks, bytes of their records, and the time in which links had nothing to send.</summary>
    public (long Chunks, long Bytes, TimeSpan Starved) Delivered()
    {
        lock (_lock)
            return (_acknowledged, AcknowledgedRecordBytes, _rate.Starved);
    }

    /// <summary>
    /// Sets, before the first chunk, how many chunks may be unacknowledged and which pool owns their buffers. It is a number
    /// of chunks and not of bytes, because a compressed chunk also needs a whole buffer at the receiver.
    /// </summary>
    public void Configure(int capacity, BufferPool pool)
    {
        lock (_lock)
        {
            _capacity = capacity;
            _pool = pool;
        }
    }

    /// <summary>Adds a chunk to the queue; waits for space. One caller at a time, numbers ascending.</summary>
    public async ValueTask AddAsync(OutgoingChunk chunk, CancellationToken cancellationToken)
    {
        while (!TryAdd(chunk))
            await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        added();
    }

    /// <summary>Assigns the lowest waiting chunk to <paramref name="connection"/> and returns it; null if there is none for it.</summary>
    /// <param name="connection">The connection that is free.</param>
    /// <param name="links">The number of links that share the window.</param>
    public OutgoingChunk? TryTake(int connection, int links)
    {
        lock (_lock)
        {
            _loads.Count(_chunks, _capacity, links, _stragglers);
            OutgoingChunk? next = _chunks.Find(chunk => chunk is { Connection: null, Arrived: false });
            if (next is not null && _loads.MayTake(connection))
            {
                next.Taken = _rate.Mark();
                next.Connection = connection;
                return Begin(next, connection);
            }

            if (_loads.MayRepeat(connection) && FindLate(connection) is { } late)
            {
                late.Copy = connection;
                late.CopyTaken = _rate.Mark();
                return Begin(late, connection);
            }

            if (next is null && _chunks.Count < _capacity && !_producerWaits)
                _rate.Starve();
            return null;
        }
    }

    /// <summary>Notes that the link that took the chunk has read its buffer or has failed.</summary>
    public void Release(OutgoingChunk chunk, int connection)
    {
        lock (_lock)
        {
            chunk.Readers &= ~(1UL << connection);
            if (chunk.Acknowledged && chunk.Readers == 0)
                _pool.Return(chunk.Buffer);
        }
    }

    /// <summary>Notes the chunks that have arrived, and removes those that the receiver has written.</summary>
    /// <returns>The result of <see cref="DeliveryRate.Acknowledge"/>.</returns>
    /// <exception cref="P2PException">The ack names a chunk that was never sent.</exception>
    public (long Bytes, TimeSpan Elapsed)? Acknowledge(AckState ack)
    {
        (long Bytes, TimeSpan Elapsed)? delivery = null;
        lock (_lock)
        {
            if (ack.NextChunk > _nextNumber)
                throw ProtocolErrors.Malformed($"an ack that wants chunk {ack.NextChunk} of {_nextNumber}");
            long before = AcknowledgedRecordBytes;
            OutgoingChunk? last = null;
            for (int i = 0; i < _chunks.Count; i++)
            {
                OutgoingChunk chunk = _chunks[i];
                if (!ack.HasArrived(chunk.Number))
                    continue;
                if (chunk.TimesSent == 0)
                    throw ProtocolErrors.Malformed($"an ack of chunk {chunk.Number}, which was not sent");
                if (!chunk.Arrived)
                    NoteArrival(chunk);
                chunk.Arrived = true;
                if (chunk.Number >= ack.NextChunk)
                    continue;
                chunk.Acknowledged = true;
                _acknowledged++;
                AcknowledgedRawBytes += chunk.RawLength;
                AcknowledgedRecordBytes += chunk.RecordLength;
                _chunks.RemoveAt(i--);
                last = chunk;
                if (chunk.Readers == 0)
                    _pool.Return(chunk.Buffer);
            }

            if (last is not null)
                delivery = _rate.Acknowledge(AcknowledgedRecordBytes - before, last.Taken);
        }

        _room.Set();
        return delivery;
    }

    /// <summary>Returns the chunks of a lost link that have not arrived to the queue.</summary>
    public void Requeue(int connection)
    {
        lock (_lock)
        {
            foreach (OutgoingChunk chunk in _chunks)
                chunk.Leave(connection);
            if (_overtaken == connection)
                _overtaken = null;
            _stragglers.Forget(connection);
        }
    }

    /// <summary>
    /// The receiver waits for a chunk on a connection that carries no content any more: the chunks that this connection has had for
    /// a while return to the queue.
    /// </summary>
    /// <param name="carries">Whether a connection carries content.</param>
    /// <param name="patience">How long a chunk may be on its way.</param>
    /// <returns>Whether there are chunks to send again.</returns>
    public bool TakeBack(Func<int, bool> carries, TimeSpan patience)
    {
        lock (_lock)
        {
            if (_chunks.Find(chunk => !chunk.Arrived) is not { Connection: { } old } missing || missing.IsReadBy(old) || carries(old) || IsRecent(missing))
                return false;
            foreach (OutgoingChunk chunk in _chunks)
            {
                if (chunk.Connection == old && !chunk.Arrived && !IsRecent(chunk))
                    chunk.Leave(old);
            }

            _stragglers.Forget(old);
            return true;
        }

        bool IsRecent(OutgoingChunk chunk) => time.GetElapsedTime(chunk.Taken.Time) < patience;
    }

    /// <summary>
    /// The connection to close because it delays the others; null if there is none. The chunks of one that delays them for a
    /// shorter time may be taken by another connection too.
    /// </summary>
    /// <param name="links">The number of links.</param>
    public int? FindStraggler(int links)
    {
        int late;
        lock (_lock)
        {
            if (_overtaken is { } overtaken)
            {
                _overtaken = null;
                _stragglers.Forget(overtaken);
                return overtaken;
            }

            if (_stragglers.Find(_chunks, _capacity, links) is not var (slow, close))
                return null;
            if (close)
                return slow;
            late = slow;
        }

        Repeat(connection => connection == late);
        return null;
    }

    /// <summary>Lets connections that are idle send the chunks of others too.</summary>
    /// <param name="isLate">Whether a connection may be too slow or silent.</param>
    public void Repeat(Func<int, bool> isLate)
    {
        bool any = false;
        lock (_lock)
        {
            foreach (OutgoingChunk chunk in _chunks)
            {
                if (chunk is { Arrived: false, Copy: null, Connection: { } connection } && (chunk.LateSince is not null || isLate(connection)))
                {
                    chunk.LateSince ??= time.GetTimestamp();
                    any = true;
                }
            }
        }

        if (any)
            added();
    }

    /// <summary>Notes that the numbers below <paramref name="next"/> exist; those that were not added are announced as void.</summary>
    public void Skip(long next)
    {
        lock (_lock)
            _nextNumber = Math.Max(_nextNumber, next);
    }

    /// <summary>The first late chunk that the connection may send: it goes to the link that has the fewest on their way, or soon to any.</summary>
    private OutgoingChunk? FindLate(int connection)
        => _chunks.Find(chunk => chunk is { Copy: null, Arrived: false, LateSince: { } since, Connection: { } slow } && slow != connection
            && (_loads.IsFreest(connection, slow) || time.GetElapsedTime(since) >= LongestChoice));

    private OutgoingChunk Begin(OutgoingChunk chunk, int connection)
    {
        chunk.Readers |= 1UL << connection;
        Sent++;
        if (chunk.TimesSent++ > 0)
            Repeated++;
        return chunk;
    }

    private void NoteArrival(OutgoingChunk chunk)
    {
        if (chunk.Connection is not { } connection)
            return;
        if (chunk.Copy is not { } copier)
            _stragglers.Arrived(connection, chunk.RecordLength, chunk.Taken.Time);
        else if (_stragglers.ArrivedTwice(chunk, connection, copier) && chunk.IsReadBy(connection))
            _overtaken = connection;
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
