using P2PCopy.Session.Links;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Session;

/// <summary>When another connection takes over the control messages although the link of the first has not ended.</summary>
public sealed class MessengerWatchTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly MessengerWatch _watch;

    public MessengerWatchTests() => _watch = new MessengerWatch(_clock);

    [Fact]
    public void Messages_that_are_not_acknowledged_go_over_another_connection_after_2_s_and_then_ever_later()
        => Assert.Equal([2, 6, 14], SecondsOfChanges(() => (5, false), 20));

    [Fact]
    public void Each_acknowledged_message_starts_the_patience_again()
    {
        long acknowledged = 0;
        Assert.Empty(SecondsOfChanges(() => (acknowledged++ / 4, false), 20));
    }

    [Fact]
    public void Without_messages_nothing_changes() => Assert.Empty(SecondsOfChanges(() => (5, true), 20));

    private List<double> SecondsOfChanges(Func<(long Acknowledged, bool IsEmpty)> state, double seconds)
    {
        List<double> changes = [];
        for (double now = 0; now < seconds; now += 0.25)
        {
            (long acknowledged, bool isEmpty) = state();
            if (_watch.IsStuck(acknowledged, isEmpty))
                changes.Add(now);
            _clock.Advance(TimeSpan.FromSeconds(0.25));
        }

        return changes;
    }
}
