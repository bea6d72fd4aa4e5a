using P2PCopy.Primitives;

namespace P2PCopy.Relay.Limits;

/// <summary>The bytes of all pairs: their common rate and the daily limit (UTC). Safe to use from any thread.</summary>
internal sealed class Traffic
{
    private readonly TimeProvider _clock;
    private readonly TokenBucket? _rate;
    private readonly long _dayLimit;
    private long _day;
    private long _bytesOfDay;

    public Traffic(RelayOptions options)
    {
        _clock = options.TimeProvider;
        _dayLimit = options.MaxBytesPerDay;
        _rate = options.MaxRate > 0 ? new TokenBucket(options.MaxRate, options.MaxRate / 4.0, _clock) : null;
        _day = Today;
    }

    /// <summary>Whether the daily limit is reached.</summary>
    public bool IsDailyLimitReached
    {
        get
        {
            if (_dayLimit == 0)
                return false;
            TurnDay();
            return Interlocked.Read(ref _bytesOfDay) >= _dayLimit;
        }
    }

    /// <summary>Bytes of this day; counted only with a daily limit.</summary>
    public long BytesOfDay
    {
        get
        {
            TurnDay();
            return Interlocked.Read(ref _bytesOfDay);
        }
    }

    /// <summary>Seconds until the next day.</summary>
    public int SecondsToNextDay => (int)Math.Ceiling((TimeSpan.FromDays(1) - _clock.GetUtcNow().TimeOfDay).TotalSeconds);

    private long Today => _clock.GetUtcNow().UtcTicks / TimeSpan.TicksPerDay;

    /// <summary>Counts bytes and returns how long to wait before the next.</summary>
    public TimeSpan Charge(int count)
    {
        if (_dayLimit > 0)
            Interlocked.Add(ref _bytesOfDay, count);
        return _rate?.Take(count) ?? TimeSpan.Zero;
    }

    private void TurnDay()
    {
        long today = Today;
        if (Interlocked.Exchange(ref _day, today) != today)
            Interlocked.Exchange(ref _bytesOfDay, 0);
    }
}
