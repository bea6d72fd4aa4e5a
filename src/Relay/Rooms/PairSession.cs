using System.Globalization;
using P2PCopy.Relay.Hosting;
using P2PCopy.Relay.Limits;

namespace P2PCopy.Relay.Rooms;

/// <summary>What two members of a room share while they are paired: time, bytes and rate.</summary>
internal sealed class PairSession
{
    private readonly RelayHub _hub;
    private readonly TokenBucket? _rate;
    private long _bytes;
    private long _lastActivity;

    public PairSession(RelayHub hub)
    {
        _hub = hub;
        long rate = hub.Options.MaxRatePerSession;
        // A quarter of a second of the rate may pass at once.
        _rate = rate > 0 ? new TokenBucket(rate, rate / 4.0, hub.Clock) : null;
        Started = hub.Clock.GetTimestamp();
        _lastActivity = Started;
    }

    /// <summary>When the pair formed.</summary>
    public long Started { get; }

    /// <summary>Bytes that either side sent.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Notes that something came from either side.</summary>
    public void Touch() => Volatile.Write(ref _lastActivity, _hub.Clock.GetTimestamp());

    /// <summary>Counts bytes that were passed on, and returns how long to wait before the next.</summary>
    public TimeSpan Charge(int count)
    {
        Interlocked.Add(ref _bytes, count);
        TimeSpan own = _rate?.Take(count) ?? TimeSpan.Zero;
        TimeSpan all = _hub.Traffic.Charge(count);
        return own > all ? own : all;
    }

    /// <summary>The limit of bytes this pair has reached; null for none.</summary>
    public string? ReachedByteLimit()
    {
        RelayOptions options = _hub.Options;
        if (options.MaxBytesPerSession > 0 && Bytes >= options.MaxBytesPerSession)
            return string.Create(CultureInfo.InvariantCulture, $"The pair has moved the {options.MaxBytesPerSession} bytes this relay allows; use another relay for more.");
        return _hub.Traffic.IsDaySpent ? "This relay has moved all bytes it may move today; come back tomorrow (UTC) or use another relay." : null;
    }

    /// <summary>Any limit this pair has reached; null for none.</summary>
    public string? ReachedLimit()
    {
        RelayOptions options = _hub.Options;
        if (ReachedByteLimit() is { } bytes)
            return bytes;
        if (options.SessionTimeoutSeconds > 0 && _hub.Clock.GetElapsedTime(Started).TotalSeconds >= options.SessionTimeoutSeconds)
            return string.Create(CultureInfo.InvariantCulture, $"The pair has lasted the {options.SessionTimeoutSeconds} s this relay allows; join again to go on.");
        return _hub.Clock.GetElapsedTime(Volatile.Read(ref _lastActivity)).TotalSeconds >= options.IdleTimeoutSeconds
            ? string.Create(CultureInfo.InvariantCulture, $"Neither side sent anything for {options.IdleTimeoutSeconds} s; join again to go on.")
            : null;
    }
}
