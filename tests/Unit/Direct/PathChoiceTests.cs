using P2PCopy.Session.Links;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Direct;

/// <summary>Which path carries the content, on a model of two paths and a clock that is moved.</summary>
public sealed class PathChoiceTests
{
    private const double MiB = 1 << 20;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private readonly ManualTimeProvider _clock = new();
    private readonly PathChoice _choice;
    private double _bytes;
    private TimeSpan _starved;

    public PathChoiceTests() => _choice = new PathChoice(_clock);

    private double Relay { get; set; } = 20 * MiB;

    private double Direct { get; set; } = 100 * MiB;

    /// <summary>The share of the time in which there is nothing to send.</summary>
    private double Starving { get; set; }

    [Fact]
    public void A_direct_connection_is_used_as_soon_as_it_is_up_and_left_when_it_is_lost()
    {
        _choice.DirectIsUp();
        Assert.True(_choice.IsDirect);
        _choice.DirectIsLost();
        Assert.False(_choice.IsDirect);
    }

    [Fact]
    public void A_faster_direct_connection_is_kept_and_the_relay_carries_nothing_any_more()
    {
        Pass(5);
        _choice.DirectIsUp();
        Assert.Equal(0, Pass(600));
    }

    [Fact]
    public void A_direct_connection_that_delivers_less_than_the_relay_did_is_left_within_seconds()
    {
        Direct = 10 * MiB;
        Pass(5);
        _choice.DirectIsUp();
        Pass(4);
        Assert.False(_choice.IsDirect);
        Assert.False(_choice.IsComparing);
    }

    [Fact]
    public void A_direct_connection_that_delivers_next_to_nothing_is_left_too()
    {
        Direct = MiB / 100;
        Pass(5);
        _choice.DirectIsUp();
        Pass(8);
        Assert.False(_choice.IsDirect);
    }

    [Fact]
    public void A_path_that_was_left_is_tried_again_more_and_more_rarely()
    {
        Direct = 10 * MiB;
        Pass(5);
        _choice.DirectIsUp();
        double share = Pass(1000) / 1000;
        Assert.InRange(share, 0.95, 0.999); // of the time, the faster path carries the content
        Direct = 100 * MiB;
        Pass(1000);
        Assert.True(_choice.IsDirect);
    }

    [Fact]
    public void A_slow_direct_connection_is_compared_with_a_relay_that_was_never_measured()
    {
        Direct = 2 * MiB;
        _choice.DirectIsUp();
        Pass(6);
        Assert.False(_choice.IsDirect);
    }

    [Fact]
    public void A_slow_direct_connection_is_kept_where_the_relay_is_slower()
    {
        (Direct, Relay) = (2 * MiB, MiB / 2);
        _choice.DirectIsUp();
        double throughRelay = Pass(60);
        Assert.InRange(throughRelay, 0.5, 3.5); // the comparison, once
        Assert.True(_choice.IsDirect);
    }

    [Fact]
    public void A_relay_that_delivers_nothing_is_compared_for_a_moment_only()
    {
        (Direct, Relay) = (2 * MiB, 0);
        _choice.DirectIsUp();
        Assert.InRange(Pass(60), 0.5, 3.5);
        Assert.True(_choice.IsDirect);
    }

    [Fact]
    public void A_fast_direct_connection_is_not_compared_because_that_costs_the_relay_bytes()
    {
        _choice.DirectIsUp();
        Assert.Equal(0, Pass(600));
    }

    [Fact]
    public void A_slow_disk_says_nothing_of_a_path()
    {
        Pass(5);
        _choice.DirectIsUp();
        Direct = MiB;
        Starving = 0.9;
        Assert.Equal(0, Pass(600));
    }

    /// <returns>Seconds in which the relay carried the content.</returns>
    private double Pass(double seconds)
    {
        double relayed = 0;
        for (double at = 0; at < seconds; at += Step.TotalSeconds)
        {
            _bytes += (_choice.IsDirect ? Direct : Relay) * Step.TotalSeconds;
            _starved += Step * Starving;
            relayed += _choice.IsDirect ? 0 : Step.TotalSeconds;
            _clock.Advance(Step);
            _choice.Observe(new PathSample((long)(_bytes / MiB), (long)_bytes, _starved));
        }

        return relayed;
    }
}
