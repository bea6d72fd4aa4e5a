using P2PCopy.Primitives;

namespace P2PCopy.Relay.Limits;

/// <summary>The bytes of all pairs: their common rate and the daily limit (UTC). Safe to use from any thread.</summary>
internal sealed class Traffic
{
    private readonly DailyVolume _day;
    private readonly TokenBucket? _rate;
    private readonly long _dayLimit;

    public Traffic(RelayOptions options)
    {
        _day = new DailyVolume(options.TimeProvider);
        _dayLimit = options.MaxBytesPerDay;
        _rate = options.MaxRate > 0 ? new TokenBucket(options.MaxRate, options.MaxRate / 4.0, options.TimeProvider) : null;
    }

    /// <summary>Whether the daily limit is reached.</summary>
    public bool IsDailyLimitReached => _day.HasReached(_dayLimit);

    /// <summary>Bytes of this day; counted only with a daily limit.</summary>
    public long BytesOfDay => _day.Bytes;

    /// <inheritdoc cref="DailyVolume.SecondsToNextDay"/>
    public int SecondsToNextDay => _day.SecondsToNextDay;

    /// <summary>Counts bytes and returns how long to wait before the next.</summary>
    public TimeSpan Charge(int count)
    {
        if (_dayLimit > 0)
            _day.Add(count);
        return _rate?.Take(count) ?? TimeSpan.Zero;
    }
}
