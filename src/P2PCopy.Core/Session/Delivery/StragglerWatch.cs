using System.Numerics;

namespace P2PCopy.Session.Delivery;

/// <summary>
/// Finds, at the sender, a connection that is so slow that it delays the others. The receiver writes chunks in order, so the
/// window fills with chunks of the other connections while one chunk is missing. The acks state which chunks have arrived, and
/// the sender knows which connection carries the missing one. Not safe for several threads.
/// </summary>
internal sealed class StragglerWatch(TimeProvider time)
{
    /// <summary>How long the others may wait for late chunks of a connection; TCP needs time to recover from losses.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    /// <summary>What being overtaken by another connection counts, once for all chunks that were late at that moment.</summary>
    private static readonly TimeSpan Penalty = TimeSpan.FromSeconds(0.5);

    /// <summary>A connection needs at least so much of the usual time for a chunk.</summary>
    private const double LeastTime = 0.8;

    /// <summary>How long the others wait before an idle one sends the late chunk too.</summary>
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(0.25);

    /// <summary>The longest step between two calls that counts, because a pause of this machine says nothing about the connection.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(0.5);

    /// <summary>Acks may be late by so much while the other side waits for a silent connection.</summary>
    private static readonly TimeSpan LateAck = TimeSpan.FromSeconds(0.3);

    /// <summary>A chunk is late after this many times the usual duration, while the window is full of later chunks.</summary>
    private const double LateInFullWindow = 1.25;

    /// <summary>The same while the others have nothing to send. The chunk would start from zero on another connection.</summary>
    private const double LateAlone = 3;

    /// <summary>The same before a connection that has nothing to send sends the late chunk too.</summary>
    private const double LateForIdle = 1.5;

    /// <summary>The shortest time after which a chunk is late.</summary>
    private static readonly TimeSpan LateAloneAfter = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// How long nothing may arrive over the connection that carries everything while another is idle, so that there is nothing
    /// to compare with. It happens once: on a slow line the other connection is no faster.
    /// </summary>
    private static readonly TimeSpan LateUnknown = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, Connection> _connections = [];
    private bool _hasGuessed;
    private long _lastFind = time.GetTimestamp();

    /// <summary>A chunk has arrived.</summary>
    /// <param name="connection">The connection that carried it.</param>
    /// <param name="bytes">The length of its record.</param>
    /// <param name="takenAt">When the connection took it.</param>
    public void Arrived(int connection, int bytes, long takenAt)
    {
        long now = time.GetTimestamp();
        Connection state = Of(connection);
        double seconds = time.GetElapsedTime(Math.Max(takenAt, state.LastArrival), now).TotalSeconds;
        state.Deliver(now, takenAt);
        state.SecondsPerByte = Average(state.SecondsPerByte, seconds / bytes);
    }

    /// <summary>
    /// A chunk has arrived that another connection sent too. It was the faster one if the slow one has delivered nothing since it was
    /// late, and if the time was enough for it; and surely if the slow one has not even sent the whole record.
    /// </summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="slow">The connection that was late with it.</param>
    /// <param name="copier">The other one.</param>
    /// <returns>Whether the other one was faster.</returns>
    public bool ArrivedTwice(OutgoingChunk chunk, int slow, int copier)
    {
        long now = time.GetTimestamp();
        double copied = time.GetElapsedTime(Math.Max(chunk.CopyTaken.Time, LastArrival(copier)), now).TotalSeconds;
        bool isOvertaken = chunk.IsReadBy(slow) || (LastArrival(slow) <= chunk.LateSince && copied > (UsualSecondsPerByte(slow) ?? 0) * chunk.RecordLength * LeastTime);
        if (isOvertaken)
        {
            Of(slow).Overtake(chunk.LateSince);
            Of(copier).Deliver(now, chunk.CopyTaken.Time);
        }
        else
        {
            Of(slow).Deliver(now, chunk.Taken.Time);
            Of(copier).InVain.Add((chunk.CopyTaken.Time, chunk.RecordLength));
        }

        return isOvertaken;
    }

    /// <summary>When the last chunk of the connection arrived; 0 if it is not known.</summary>
    public long LastArrival(int connection) => _connections.TryGetValue(connection, out Connection? state) ? state.LastArrival : 0;

    /// <summary>Notes that the connection has lost its link, so its chunks may arrive over another one.</summary>
    public void Forget(int connection) => _connections.Remove(connection);

    /// <summary>The connection that delays the others, and whether to close it; null if there is none.</summary>
    /// <param name="chunks">The chunks that are not written, by number.</param>
    /// <param name="capacity">The number of chunks in a full window.</param>
    /// <param name="links">The number of links.</param>
    public (int Connection, bool Close)? Find(List<OutgoingChunk> chunks, int capacity, int links)
    {
        long now = time.GetTimestamp();
        TimeSpan step = time.GetElapsedTime(_lastFind, now);
        _lastFind = now;
        if (step > LongestStep)
            step = LongestStep;
        (int Connection, bool IsBlamed, bool MayRepeat)? late = FindLate(chunks, capacity, links, now);
        int? worst = null;
        foreach ((int connection, Connection state) in _connections)
        {
            state.Waited += late is { IsBlamed: true } && late.Value.Connection == connection ? step : -step / 2;
            if (state.Waited < TimeSpan.Zero)
                state.Waited = TimeSpan.Zero;
            if (state.Waited >= Tolerance)
                worst = connection;
        }

        if (worst is { } given)
        {
            _hasGuessed |= UsualSecondsPerByte(given) is null;
            Forget(given);
            return (given, Close: true);
        }

        return late is var (slow, _, mayRepeat) && (mayRepeat || Of(slow).Waited >= RepeatAfter) ? (slow, Close: false) : null;
    }

    /// <summary>
    /// The connection whose chunk is late, whether the others wait for it now, and whether one that is idle may send the chunk too at
    /// once, because every chunk is on its way; null if there is none.
    /// </summary>
    private (int Connection, bool IsBlamed, bool MayRepeat)? FindLate(List<OutgoingChunk> chunks, int capacity, int links, long now)
    {
        // If the first chunk has arrived, the receiver is writing and waits for no connection.
        if (chunks.Count == 0 || chunks[0] is not { Arrived: false, Connection: { } slow } missing)
            return null;
        int arrived = 0;
        ulong busy = 0;
        bool othersAreIdle = true;
        bool allAreTaken = true;
        foreach (OutgoingChunk chunk in chunks)
        {
            arrived += chunk.Arrived ? 1 : 0;
            busy |= chunk.Arrived ? 0 : Bit(chunk.Connection) | Bit(chunk.Copy);
            othersAreIdle &= chunk.Arrived || chunk.Connection == slow;
            allAreTaken &= chunk.Connection is not null;
        }

        TimeSpan taken = time.GetElapsedTime(Math.Max(missing.Taken.Time, Of(slow).LastArrival), now);
        if (UsualSecondsPerByte(slow) is not { } usual)
            return othersAreIdle && links > 1 && !_hasGuessed && taken > LateUnknown ? (slow, true, false) : null;
        double expected = usual * (missing.RecordLength + Of(slow).InVain.Sum(chunk => chunk.Bytes));
        double times = taken.TotalSeconds / expected;
        bool isLate = times > LateInFullWindow && taken.TotalSeconds > expected + LateAck.TotalSeconds;
        bool isFull = arrived >= (capacity + 1) / 2;
        bool oneIsIdle = BitOperations.PopCount(busy) < links;
        bool isRepeated = missing.Copy is not null && LastArrival(slow) <= missing.LateSince;
        bool isBlamed = (isLate && (isFull || isRepeated)) || (othersAreIdle && times > LateAlone && taken > LateAloneAfter);
        bool mayRepeat = isLate && allAreTaken && taken > LateAloneAfter && (arrived > 0 || (oneIsIdle && times > LateForIdle));
        return isBlamed || mayRepeat ? (slow, isBlamed, mayRepeat) : null;
    }

    /// <summary>The time that the other connections need for a byte; null if nothing has arrived over them.</summary>
    private double? UsualSecondsPerByte(int except)
    {
        double sum = 0;
        int count = 0;
        foreach ((int connection, Connection state) in _connections)
        {
            if (connection != except && state.SecondsPerByte is { } pace)
                (sum, count) = (sum + pace, count + 1);
        }

        return count > 0 ? sum / count : null;
    }

    private static ulong Bit(int? connection) => connection is { } number ? 1UL << number : 0;

    private Connection Of(int connection)
        => _connections.TryGetValue(connection, out Connection? state) ? state : _connections[connection] = new Connection();

    private static double Average(double? old, double value) => old is { } average ? (average + value) / 2 : value;

    private sealed class Connection
    {
        private long? _overtaken;

        /// <summary>When its last chunk arrived.</summary>
        public long LastArrival { get; set; }

        /// <summary>Chunks that it sends too although another connection has delivered them by now, and when it took them.</summary>
        public List<(long Taken, int Bytes)> InVain { get; } = [];

        /// <summary>A moving average of the time between arrivals.</summary>
        public double? SecondsPerByte { get; set; }

        /// <summary>How long the others have waited for it, minus half of the time in which they did not wait.</summary>
        public TimeSpan Waited { get; set; }

        /// <summary>Another connection has delivered a chunk with which this one was late since that moment.</summary>
        public void Overtake(long? lateSince)
        {
            if (_overtaken != lateSince)
                Waited += Penalty;
            _overtaken = lateSince;
        }

        /// <summary>A chunk has arrived, and all that the connection took before it.</summary>
        public void Deliver(long now, long takenAt)
        {
            LastArrival = now;
            InVain.RemoveAll(chunk => chunk.Taken <= takenAt);
        }
    }
}
