namespace P2PCopy.Session.Links;

/// <summary>
/// How long the connections that this side gave up stay closed: twice as long each time, because a path that was slow or
/// silent often is again. Not safe for several threads.
/// </summary>
internal sealed class ConnectionRests(TimeProvider time)
{
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);

    private readonly (TimeSpan Length, long Since)[] _rests = new (TimeSpan, long)[PeerSession.MaxConnections];

    /// <summary>This side gave up the connection now.</summary>
    public void Begin(int connection)
    {
        TimeSpan last = _rests[connection].Length;
        _rests[connection] = (last == TimeSpan.Zero ? FirstRest : 2 * last, time.GetTimestamp());
    }

    /// <summary>How long the connection is still to stay closed.</summary>
    public TimeSpan Remaining(int connection)
    {
        (TimeSpan length, long since) = _rests[connection];
        TimeSpan left = length - time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
