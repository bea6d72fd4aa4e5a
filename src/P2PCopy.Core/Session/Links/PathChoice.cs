namespace P2PCopy.Session.Links;

/// <summary>
/// Decides on the sender, by measurement, whether the content is sent directly or through the relay while both are possible.
/// A direct connection is tried as soon as it is up. It is abandoned if the relay delivers more, and tried again later.
/// Only times in which the network was the bottleneck count. Not safe for several threads.
/// </summary>
/// <remarks>
/// The rate of the relay may be unknown, because the direct connection was up before a measurement. If the direct connection is
/// slow, the relay carries the content for a moment for comparison.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class PathChoice(TimeProvider time)
{
    /// <summary>A path is abandoned if it delivers less than this share of the other path's rate.</summary>
    public const double LeastShare = 0.97;

    /// <summary>From this rate on, in bytes per second, the relay is not tried for comparison, because its bytes have a cost for its operator.</summary>
    public const double FastEnough = 16 << 20;

    /// <summary>After a change TCP takes a while to find its rate.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan LeastMeasuring = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestMeasuring = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);
    private const long LeastChunks = 4;
    private const double MostStarving = 0.25;

    // One slow moment does not count.
    private const int SlowLooks = 2;

    // A relay that delivers almost nothing is not measured for longer.
    private static readonly TimeSpan LongestComparing = TimeSpan.FromSeconds(2);

    private double? _relayRate;
    private double? _directRate;
    private long _changedAt = time.GetTimestamp();
    private (PathSample Sample, long At)? _begin;
    private int _slow;
    private TimeSpan _rest = FirstRest;
    private bool _isUp;

    /// <summary>Whether the content is sent directly.</summary>
    public bool IsDirect { get; private set; }

    /// <summary>Whether the relay carries the content only for comparison.</summary>
    public bool IsComparing { get; private set; }

    /// <summary>Notes that a direct connection is up.</summary>
    public void DirectIsUp()
    {
        _isUp = true;
        _directRate = null;
        (_rest, IsComparing) = (FirstRest, false);
        Go(direct: true);
    }

    /// <summary>Notes that no direct connection is up.</summary>
    public void DirectIsLost()
    {
        (_isUp, IsComparing) = (false, false);
        Go(direct: false);
    }

    /// <summary>To be called several times a second.</summary>
    /// <param name="sample">The delivery so far.</param>
    public void Observe(PathSample sample)
    {
        TimeSpan since = time.GetElapsedTime(_changedAt);
        if (since < SettleTime)
            return;
        if (_isUp && !IsDirect && !IsComparing && since >= _rest)
        {
            _rest *= 2;
            Go(direct: true);
            return;
        }

        if (_begin is not var (begin, at))
        {
            _begin = (sample, time.GetTimestamp());
            return;
        }

        TimeSpan elapsed = time.GetElapsedTime(at);
        bool isOverdue = IsComparing && elapsed >= LongestComparing;
        if (!isOverdue && (elapsed < LeastMeasuring || (elapsed < LongestMeasuring && sample.Chunks - begin.Chunks < LeastChunks)))
            return;
        _begin = (sample, time.GetTimestamp());
        if (isOverdue || (sample.Starved - begin.Starved) / elapsed < MostStarving)
            Measured((sample.Bytes - begin.Bytes) / elapsed.TotalSeconds);
    }

    private void Measured(double rate)
    {
        if (!IsDirect)
        {
            _relayRate = rate;
            IsComparing = false;
            if (_isUp && _directRate is { } direct && direct >= rate * LeastShare)
                Go(direct: true);
            return;
        }

        _directRate = rate;
        if (_relayRate is not { } relay)
        {
            if (rate < FastEnough)
            {
                IsComparing = true;
                Go(direct: false);
            }

            return;
        }

        _slow = rate < relay * LeastShare ? _slow + 1 : 0;
        if (_slow >= SlowLooks)
            Go(direct: false);
    }

    private void Go(bool direct)
    {
        IsDirect = direct;
        _slow = 0;
        _begin = null;
        _changedAt = time.GetTimestamp();
    }
}

/// <summary>The delivery of the sender.</summary>
/// <param name="Chunks">Chunks that were acknowledged.</param>
/// <param name="Bytes">Bytes of these chunks as they were sent.</param>
/// <param name="Starved">Time in which links had nothing to send.</param>
internal readonly record struct PathSample(long Chunks, long Bytes, TimeSpan Starved);
