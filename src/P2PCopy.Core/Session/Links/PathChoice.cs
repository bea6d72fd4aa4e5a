namespace P2PCopy.Session.Links;

/// <summary>
/// Decides on the sender, by measurement, whether the content is sent directly or through the relay while both are possible.
/// A direct connection is tried as soon as it is up. It is left when the relay delivered more, and tried again after a while.
/// Only times in which the network was the limit count. Not safe for several threads.
/// </summary>
/// <remarks>
/// How fast the relay is may not be known, because the direct connection was up before anything was measured. If the direct
/// connection is slow too, the relay carries the content for a moment, so that there is something to compare with.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class PathChoice(TimeProvider time)
{
    /// <summary>A path is left when it delivers less than this share of what the other one delivered.</summary>
    public const double LeastShare = 0.97;

    /// <summary>Bytes per second from which on the relay is not tried for comparison: its bytes cost its operator, too.</summary>
    public const double FastEnough = 16 << 20;

    /// <summary>After a change TCP takes a while to find its rate.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan LeastMeasuring = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);
    private const long LeastChunks = 4;
    private const double MostStarving = 0.25;

    // One slow moment is not the rule.
    private const int SlowLooks = 2;

    // A relay that delivers next to nothing is not compared for longer.
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

    /// <summary>Whether the relay only carries the content to be compared.</summary>
    public bool IsComparing { get; private set; }

    /// <summary>A direct connection is up.</summary>
    public void DirectIsUp()
    {
        _isUp = true;
        _directRate = null;
        (_rest, IsComparing) = (FirstRest, false);
        Go(direct: true);
    }

    /// <summary>No direct connection is up any more.</summary>
    public void DirectIsLost()
    {
        (_isUp, IsComparing) = (false, false);
        Go(direct: false);
    }

    /// <summary>Called several times a second.</summary>
    /// <param name="sample">What was delivered so far.</param>
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
        if (!isOverdue && (elapsed < LeastMeasuring || sample.Chunks - begin.Chunks < LeastChunks))
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

/// <summary>What the sender has delivered.</summary>
/// <param name="Chunks">Chunks that were acknowledged.</param>
/// <param name="Bytes">Bytes of these chunks as they were sent.</param>
/// <param name="Starved">Time in which links had nothing to send.</param>
internal readonly record struct PathSample(long Chunks, long Bytes, TimeSpan Starved);
