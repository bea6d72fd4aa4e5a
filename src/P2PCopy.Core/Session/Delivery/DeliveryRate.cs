namespace P2PCopy.Session.Delivery;

/// <summary>
/// How fast the links deliver, from acks: what was acknowledged while a chunk was under way, by the time it was. Only that
/// tells: a socket takes chunks at once for as long as buffers on the way have room. Time in which links had nothing to send
/// tells nothing of them, so a chunk that saw more than a little of it gives no rate. Not safe for several threads.
/// </summary>
internal sealed class DeliveryRate(TimeProvider time)
{
    private const int LittleStarving = 8; // one part in so many

    private long _delivered;
    private long _starved;
    private long? _starvingSince;

    /// <summary>Time in which a link could have sent and no chunk was made yet.</summary>
    public TimeSpan Starved => time.GetElapsedTime(0, StarvedUntil(time.GetTimestamp()));

    /// <summary>A link found nothing to send, and it is not the window that is full.</summary>
    public void Starve() => _starvingSince ??= time.GetTimestamp();

    /// <summary>A chunk was made.</summary>
    public void Feed()
    {
        _starved = StarvedUntil(time.GetTimestamp());
        _starvingSince = null;
    }

    /// <summary>What to remember of a chunk that a link takes now.</summary>
    public DeliveryMark Mark()
    {
        long now = time.GetTimestamp();
        return new DeliveryMark(now, _delivered, StarvedUntil(now));
    }

    /// <summary>Bytes of records were acknowledged.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="taken">The mark of the last chunk among them.</param>
    /// <returns>Bytes delivered in the time that chunk was under way; null where the links were not the limit.</returns>
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

/// <summary>How things stood when a link took a chunk.</summary>
/// <param name="Time">When that was.</param>
/// <param name="Delivered">Bytes acknowledged until then.</param>
/// <param name="Starved">How long links had been without anything to send until then.</param>
internal readonly record struct DeliveryMark(long Time, long Delivered, long Starved);
