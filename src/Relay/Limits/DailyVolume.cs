namespace P2PCopy.Relay.Limits;

/// <summary>The bytes of the current day (UTC). Safe to use from any thread.</summary>
internal sealed class DailyVolume(TimeProvider clock)
{
    private long _day = Today(clock);
    private long _bytes;

    /// <summary>Bytes of this day.</summary>
    public long Bytes
    {
        get
        {
            long today = Today(clock);
            if (Interlocked.Exchange(ref _day, today) != today)
                Interlocked.Exchange(ref _bytes, 0);
            return Interlocked.Read(ref _bytes);
        }
    }

    /// <summary>Seconds until the next day.</summary>
    public int SecondsToNextDay => (int)Math.Ceiling((TimeSpan.FromDays(1) - clock.GetUtcNow().TimeOfDay).TotalSeconds);

    public void Add(int count) => Interlocked.Add(ref _bytes, count);

    /// <summary>Whether this many bytes have passed on this day; never for 0, which is without a limit.</summary>
    public bool HasReached(long limit) => limit > 0 && Bytes >= limit;

    private static long Today(TimeProvider clock) => clock.GetUtcNow().UtcTicks / TimeSpan.TicksPerDay;
}
