namespace P2PCopy.Session.Links;

/// <summary>
/// A connection that is re-established only to be lost again before anything arrives, for instance at a relay whose limit is too
/// low, is tried for no longer than one that is not re-established.
/// </summary>
internal sealed class FruitlessLosses(TimeProvider time)
{
    private long _progress = -1;
    private long _first;

    /// <summary>Whether all connections were lost again and again without progress for the retry time.</summary>
    public bool AreTooMany(long progress, TimeSpan retryTimeout)
    {
        if (progress == _progress)
            return time.GetElapsedTime(_first) >= retryTimeout;
        (_progress, _first) = (progress, time.GetTimestamp());
        return false;
    }
}
