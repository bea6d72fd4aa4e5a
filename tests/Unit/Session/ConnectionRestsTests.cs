using P2PCopy.Session.Links;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

public sealed class ConnectionRestsTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void A_connection_that_was_given_up_rests_longer_each_time()
    {
        var rests = new ConnectionRests(_clock);
        Assert.Equal(TimeSpan.Zero, rests.Remaining(1));
        foreach (int seconds in (int[])[30, 60, 120])
        {
            rests.Begin(1);
            Assert.Equal(TimeSpan.FromSeconds(seconds), rests.Remaining(1));
            Assert.Equal(TimeSpan.Zero, rests.Remaining(2));
            _clock.Advance(TimeSpan.FromSeconds(seconds - 1));
            Assert.Equal(TimeSpan.FromSeconds(1), rests.Remaining(1));
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(TimeSpan.Zero, rests.Remaining(1));
        }
    }
}
