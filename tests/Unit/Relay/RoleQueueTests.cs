using P2PCopy.Relay.Http;
using P2PCopy.Relay.Rooms;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>Who is next in a role of a room that several clients want.</summary>
public sealed class RoleQueueTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly RoleQueue _queue;

    public RoleQueueTests() => _queue = new RoleQueue(_clock);

    [Fact]
    public void An_address_that_was_refused_is_before_one_that_had_its_turn()
    {
        _queue.AddTurn("stranger");
        _queue.Note("honest", Join(1));

        Assert.False(_queue.TryTake("stranger", Join(2)));
        Assert.True(_queue.TryTake("honest", Join(1)));
    }

    [Fact]
    public void However_many_members_an_address_has_it_is_next_once_before_another_address()
    {
        for (int member = 10; member < 40; member++)
            _queue.Note("stranger", Join(member));
        _queue.Note("honest", Join(1));

        Assert.False(_queue.TryTake("honest", Join(1)));
        Assert.True(_queue.TryTake("stranger", Join(10)));
        _queue.AddTurn("stranger");
        Assert.False(_queue.TryTake("stranger", Join(11)));
        Assert.True(_queue.TryTake("honest", Join(1)));
    }

    [Fact]
    public void Members_of_one_address_are_next_in_the_order_in_which_they_came()
    {
        _queue.AddTurn("proxy");
        _queue.Note("proxy", Join(1));

        Assert.False(_queue.TryTake("proxy", Join(2)));
        Assert.True(_queue.TryTake("proxy", Join(1)));
        Assert.True(_queue.TryTake("proxy", Join(2)));
    }

    [Fact]
    public void A_client_that_does_not_try_again_loses_its_place_and_turns_are_forgotten()
    {
        _queue.AddTurn("stranger");
        _queue.Note("honest", Join(1));
        _clock.Advance(RoleQueue.Freshness + TimeSpan.FromSeconds(1));
        Assert.True(_queue.TryTake("stranger", Join(2)));
        Assert.False(_queue.IsEmpty);

        _clock.Advance(RoleQueue.Memory);
        Assert.True(_queue.IsEmpty);
    }

    [Fact]
    public void A_place_exempts_from_the_rate_once_a_second()
    {
        _queue.Note("honest", Join(1));
        Assert.False(_queue.IsDue(TestRelay.Member(1)));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_queue.IsDue(TestRelay.Member(1)));
        Assert.False(_queue.IsDue(TestRelay.Member(2)));
    }

    private static JoinRequest Join(int member) => new(TestRelay.Room, PeerRole.Send, TestRelay.Member(member), "", null);
}
