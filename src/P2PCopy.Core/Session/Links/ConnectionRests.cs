namespace P2PCopy.Session.Links;

/// <summary>
/// How long the connections that this side closed stay closed. The time doubles on each occasion, because a path that was slow
/// or silent is often slow or silent again. Not safe for several threads.
/// </summary>
internal sealed class ConnectionRests(TimeProvider time)
{
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);

    private readonly (TimeSpan Length, long Since)[] _rests = new (TimeSpan, long)[PeerSession.MaxLinks];

    /// <summary>Notes that this side closes the connection now.</summary>
    public void Begin(int connection)
    {
        TimeSpan last = _rests[connection].Length;
        _rests[connection] = (last == TimeSpan.Zero ? FirstRest : 2 * last, time.GetTimestamp());
    }

    /// <summary>The remaining time for which the connection stays closed.</summary>
    public TimeSpan Remaining(int connection)
    {
        (TimeSpan length, long since) = _rests[connection];
        TimeSpan left = length - time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
