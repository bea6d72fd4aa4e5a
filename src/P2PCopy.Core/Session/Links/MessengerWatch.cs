namespace P2PCopy.Session.Links;

/// <summary>
/// Finds a messenger whose control messages are not acknowledged. The other side may have given up that connection, and this
/// side does not know it yet, because bytes that were on their way still arrive. The patience doubles each time, because on a
/// slow line the messages are late on every connection. Not safe for several threads.
/// </summary>
internal sealed class MessengerWatch(TimeProvider time)
{
    /// <summary>How long the first messages may stay unacknowledged.</summary>
    public static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(2);

    private long _acknowledged = -1;
    private long _since;
    private TimeSpan _patience = FirstPatience;

    /// <summary>Whether another connection should carry the messages.</summary>
    /// <param name="acknowledged">The number of acknowledged messages.</param>
    /// <param name="isEmpty">Whether none is unacknowledged.</param>
    public bool IsStuck(long acknowledged, bool isEmpty)
    {
        long now = time.GetTimestamp();
        if (isEmpty || acknowledged != _acknowledged)
        {
            (_acknowledged, _since, _patience) = (acknowledged, now, FirstPatience);
            return false;
        }

        if (time.GetElapsedTime(_since, now) < _patience)
            return false;
        (_since, _patience) = (now, 2 * _patience);
        return true;
    }
}
