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

    /// <summary>How long the others wait before an idle one sends the late chunk too.</summary>
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(0.25);

    /// <summary>The longest step between two calls that counts, because a pause of this machine says nothing about the connection.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(0.5);

    /// <summary>A chunk is late after this many times the usual duration, while the window is full of later chunks.</summary>
    private const double LateInFullWindow = 1.25;

    /// <summary>The same while the others have nothing to send. The chunk would start from zero on another connection.</summary>
    private const double LateAlone = 3;

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
        state.LastArrival = now;
        state.SecondsPerByte = Average(state.SecondsPerByte, seconds / bytes);
    }

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
        (int Connection, bool IsBlamed)? late = FindLate(chunks, capacity, links, now);
        foreach ((int connection, Connection state) in _connections)
        {
            state.Waited += late is { IsBlamed: true } && late.Value.Connection == connection ? step : -step / 2;
            if (state.Waited < TimeSpan.Zero)
                state.Waited = TimeSpan.Zero;
        }

        if (late is not var (slow, isBlamed))
            return null;
        if (!isBlamed || Of(slow).Waited < Tolerance)
            return !isBlamed || Of(slow).Waited >= RepeatAfter ? (slow, Close: false) : null;
        _hasGuessed |= UsualSecondsPerByte(slow) is null;
        Forget(slow);
        return (slow, Close: true);
    }

    /// <summary>
    /// The connection whose chunk is late, and whether the others wait for it now; null if there is none. They wait soon if every
    /// chunk of a full window is on its way: one that is idle may send the late chunk too.
    /// </summary>
    private (int Connection, bool IsBlamed)? FindLate(List<OutgoingChunk> chunks, int capacity, int links, long now)
    {
        // If the first chunk has arrived, the receiver is writing and waits for no connection.
        if (chunks.Count == 0 || chunks[0] is not { Arrived: false, Connection: { } slow } missing)
            return null;
        int arrived = 0;
        bool othersAreIdle = true;
        bool isExhausted = chunks.Count >= capacity;
        foreach (OutgoingChunk chunk in chunks)
        {
            arrived += chunk.Arrived ? 1 : 0;
            othersAreIdle &= chunk.Arrived || chunk.Connection == slow;
            isExhausted &= chunk.Connection is not null;
        }

        TimeSpan taken = time.GetElapsedTime(Math.Max(missing.Taken.Time, Of(slow).LastArrival), now);
        if (UsualSecondsPerByte(slow) is not { } usual)
            return othersAreIdle && links > 1 && !_hasGuessed && taken > LateUnknown ? (slow, true) : null;
        double times = taken.TotalSeconds / (usual * missing.RecordLength);
        bool isFull = arrived >= (capacity + 1) / 2;
        if ((isFull && times > LateInFullWindow) || (othersAreIdle && times > LateAlone && taken > LateAloneAfter))
            return (slow, true);
        return isExhausted && arrived > 0 && times > LateInFullWindow && taken > LateAloneAfter ? (slow, false) : null;
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

    private Connection Of(int connection)
        => _connections.TryGetValue(connection, out Connection? state) ? state : _connections[connection] = new Connection();

    private static double Average(double? old, double value) => old is { } average ? (average + value) / 2 : value;

    private sealed class Connection
    {
        /// <summary>When its last chunk arrived.</summary>
        public long LastArrival { get; set; }

        /// <summary>A moving average of the time between arrivals.</summary>
        public double? SecondsPerByte { get; set; }

        /// <summary>How long the others have waited for it, minus half of the time in which they did not wait.</summary>
        public TimeSpan Waited { get; set; }
    }
}
