using P2PCopy.Session.Links;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>Which links a receiver gives up, by how long the others wait for their chunks.</summary>
public sealed class StragglerWatchTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly StragglerWatch _watch;

    public StragglerWatchTests() => _watch = new StragglerWatch(_clock);

    [Theory]
    [InlineData(1.7, 1.4)] // a tenth of the others' speed
    [InlineData(8.5, 8.0)] // a fiftieth
    [InlineData(0.2, 0.15)]
    public void A_link_that_is_waited_for_most_of_the_time_is_given_up(double every, double waited)
        => Assert.InRange(SecondsUntilGivenUp(1, every, waited), 2, 20);

    [Theory]
    [InlineData(1.0, 0.4)]
    [InlineData(0.1, 0.04)]
    [InlineData(5.0, 2.4)]
    public void A_link_that_is_waited_for_less_than_half_of_the_time_is_kept(double every, double waited)
        => Assert.Equal(double.PositiveInfinity, SecondsUntilGivenUp(1, every, waited));

    [Fact]
    public void Stream_0_is_the_session_and_kept() => Assert.Equal(double.PositiveInfinity, SecondsUntilGivenUp(0, 2, 1.9));

    [Fact]
    public void One_chunk_that_came_late_says_nothing_of_the_link_that_brought_it()
    {
        Assert.False(_watch.IsStraggler(1, TimeSpan.FromSeconds(30))); // another one was lost
        Assert.False(_watch.IsStraggler(1, TimeSpan.Zero));
    }

    [Fact]
    public void Links_that_are_waited_for_in_turn_are_kept()
    {
        for (int i = 0; i < 100; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.False(_watch.IsStraggler(1 + (i % 3), TimeSpan.FromSeconds(0.9)));
        }
    }

    [Fact]
    public void A_stream_that_was_given_up_rests_longer_each_time()
    {
        Assert.Equal(TimeSpan.Zero, _watch.Rest(1));
        foreach (int seconds in (int[])[30, 60, 120])
        {
            SecondsUntilGivenUp(1, every: 2, waited: 1.9);
            Assert.Equal(TimeSpan.FromSeconds(seconds), _watch.Rest(1));
            Assert.Equal(TimeSpan.Zero, _watch.Rest(2));
            _clock.Advance(TimeSpan.FromSeconds(seconds - 1));
            Assert.Equal(TimeSpan.FromSeconds(1), _watch.Rest(1));
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(TimeSpan.Zero, _watch.Rest(1));
        }
    }

    private double SecondsUntilGivenUp(int stream, double every, double waited)
    {
        for (double passed = every; passed < 300; passed += every)
        {
            _clock.Advance(TimeSpan.FromSeconds(every));
            if (_watch.IsStraggler(stream, TimeSpan.FromSeconds(waited)))
                return passed;
        }

        return double.PositiveInfinity;
    }
}
