namespace P2PCopy.Session.Delivery;

/// <summary>
/// The rate at which the links deliver: the bytes acknowledged while a chunk was in transit, divided by that time. The duration
/// of the send call cannot be used, because a socket accepts data at once while its buffers have space. A chunk during which the links
/// had nothing to send for more than an eighth of the time gives no rate. Not safe for several threads.
/// </summary>
internal sealed class DeliveryRate(TimeProvider time)
{
    private const int LittleStarving = 8; // one part in so many

    private long _delivered;
    private long _starved;
    private long? _starvingSince;

    /// <summary>The time in which a link could have sent and no chunk was ready.</summary>
    public TimeSpan Starved => time.GetElapsedTime(0, StarvedUntil(time.GetTimestamp()));

    /// <summary>Notes that a link found nothing to send although the window has space.</summary>
    public void Starve() => _starvingSince ??= time.GetTimestamp();

    /// <summary>Notes that a chunk is ready.</summary>
    public void Feed()
    {
        _starved = StarvedUntil(time.GetTimestamp());
        _starvingSince = null;
    }

    /// <summary>The state to remember for a chunk that a link takes now.</summary>
    public DeliveryMark Mark()
    {
        long now = time.GetTimestamp();
        return new DeliveryMark(now, _delivered, StarvedUntil(now));
    }

    /// <summary>Bytes of records were acknowledged.</summary>
    /// <param name="bytes">Their number.</param>
    /// <param name="taken">The mark of the last chunk among them.</param>
    /// <returns>The bytes delivered while that chunk was in transit, and the time; null if the links were not the limit.</returns>
    public (long Bytes, TimeSpan Elapsed)? Acknowledge(long bytes, DeliveryMark taken)
    {
        _delivered += bytes;
        long now = time.GetTimestamp();
        long elapsed = now - taken.Time;
        if (elapsed <= 0 || (StarvedUntil(now) - taken.Starved) * LittleStarving > elapsed)
            return null;
        return (_delivered - taken.Delivered, time.GetElapsedTime(taken.Time, now));
    }

    private long StarvedUntil(long now) => _starved + (_starvingSince is { } since ? now - since : 0);
}

/// <summary>The state when a link took a chunk.</summary>
/// <param name="Time">The time.</param>
/// <param name="Delivered">Bytes acknowledged until then.</param>
/// <param name="Starved">The time without anything to send until then.</param>
internal readonly record struct DeliveryMark(long Time, long Delivered, long Starved);
