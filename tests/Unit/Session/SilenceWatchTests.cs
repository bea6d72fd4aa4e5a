using P2PCopy.Session.Links;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>Which connection is silent, by what the others bring.</summary>
public sealed class SilenceWatchTests
{
    private readonly SilenceWatch _watch = new();

    [Fact]
    public void A_connection_that_is_silent_while_another_is_not_is_found_within_three_seconds()
    {
        int ticks = 1;
        while (_watch.Observe([true, false, true]) is not 1)
            ticks++;
        Assert.InRange(ticks * SilenceWatch.Tick, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2.5));
    }

    [Fact]
    public void Others_send_the_data_of_a_connection_that_may_be_silent_after_a_second()
    {
        int ticks = 1;
        for (; !_watch.IsSuspect(1); ticks++)
            Assert.Null(_watch.Observe([true, false, true]));
        Assert.InRange(ticks * SilenceWatch.Tick, TimeSpan.FromSeconds(0.75), TimeSpan.FromSeconds(1.25));
        Assert.Null(_watch.Observe([true, true, true]));
        Assert.False(_watch.IsSuspect(1));
    }

    [Fact]
    public void Silence_of_all_connections_says_nothing_of_one()
        => Assert.All(Enumerable.Range(0, 1000), _ => Assert.Null(_watch.Observe([false, false, null, false])));

    [Fact]
    public void The_only_connection_is_never_found()
        => Assert.All(Enumerable.Range(0, 1000), _ => Assert.Null(_watch.Observe([null, false, null])));

    [Fact]
    public void A_connection_that_brings_something_now_and_then_is_kept()
    {
        for (int i = 0; i < 1000; i++)
            Assert.Null(_watch.Observe([true, i % SilenceWatch.SilentTicks == 0]));
    }

    [Fact]
    public void A_heartbeat_in_every_third_tick_is_enough_to_compare_with()
    {
        int ticks = 0;
        while (_watch.Observe([ticks++ % 3 == 0, false]) is null)
            Assert.InRange(ticks, 0, 20);
    }

    [Fact]
    public void A_new_link_starts_anew()
    {
        for (int round = 0; round < 100; round++)
        {
            for (int i = 0; i < SilenceWatch.SilentTicks - 1; i++)
                Assert.Null(_watch.Observe([true, false]));
            Assert.Null(_watch.Observe([true, null]));
        }
    }
}
