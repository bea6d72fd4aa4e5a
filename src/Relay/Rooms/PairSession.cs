using System.Globalization;
using P2PCopy.Primitives;

namespace P2PCopy.Relay.Rooms;

/// <summary>The state that the two members of a pair share: time, bytes and rate.</summary>
internal sealed class PairSession
{
    private readonly RoomServices _services;
    private readonly TokenBucket? _rate;
    private long _bytes;
    private long _lastActivity;

    public PairSession(RoomServices services, long number)
    {
        _services = services;
        Number = number;
        long rate = services.Options.MaxRatePerSession;
        // A burst is a quarter of a second of the rate.
        _rate = rate > 0 ? new TokenBucket(rate, rate / 4.0, services.Clock) : null;
        Started = services.Clock.GetTimestamp();
        _lastActivity = Started;
    }

    /// <summary>Identifies the pair in the log.</summary>
    public long Number { get; }

    /// <summary>When the pair formed.</summary>
    public long Started { get; }

    /// <summary>Bytes from both sides.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Notes that one side sent something.</summary>
    public void Touch() => Volatile.Write(ref _lastActivity, _services.Clock.GetTimestamp());

    /// <summary>Counts bytes that were forwarded, and returns how long to wait before the next ones.</summary>
    public TimeSpan Charge(int count)
    {
        Interlocked.Add(ref _bytes, count);
        TimeSpan own = _rate?.Take(count) ?? TimeSpan.Zero;
        TimeSpan all = _services.Traffic.Charge(count);
        return own > all ? own : all;
    }

    /// <summary>The limit of bytes that this pair has reached; null for none.</summary>
    public string? ReachedByteLimit()
    {
        RelayOptions options = _services.Options;
        if (options.MaxBytesPerSession > 0 && Bytes >= options.MaxBytesPerSession)
            return string.Create(CultureInfo.InvariantCulture, $"The pair has moved the {options.MaxBytesPerSession} bytes this relay allows; use another relay for more.");
        return _services.Traffic.IsDailyLimitReached ? "This relay has reached its daily limit of bytes; try again tomorrow (UTC) or use another relay." : null;
    }

    /// <summary>The limit that this pair has reached; null for none.</summary>
    public string? ReachedLimit()
    {
        RelayOptions options = _services.Options;
        if (ReachedByteLimit() is { } bytes)
            return bytes;
        if (options.SessionTimeout > TimeSpan.Zero && _services.Clock.GetElapsedTime(Started) >= options.SessionTimeout)
            return string.Create(CultureInfo.InvariantCulture, $"The pair has lasted the {options.SessionTimeout.TotalSeconds:0} s this relay allows; join again to continue.");
        return _services.Clock.GetElapsedTime(Volatile.Read(ref _lastActivity)) >= options.IdleTimeout
            ? string.Create(CultureInfo.InvariantCulture, $"Neither side sent anything for {options.IdleTimeout.TotalSeconds:0} s; join again to continue.")
            : null;
    }
}
