using P2PCopy.Relay.Rooms;

namespace P2PCopy.Tests.Unit.Relay;

public class TurnQueueTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Every_member_gets_every_turn_and_with_one_at_a_time_none_gets_ahead(int atOnce)
    {
        const int Members = 200;
        const int Turns = 300;
        var queue = new TurnQueue(atOnce);
        int[] taken = new int[Members];
        int furthest = 0;
        using var all = new CountdownEvent(Members);
        await Task.WhenAll(Enumerable.Range(0, Members).Select(i => Task.Run(async () =>
        {
            // They begin together, and on the queue's side: who signalled from elsewhere could be held up on the way to it.
            await queue.NextAsync();
            all.Signal();
            while (!all.IsSet)
                await queue.NextAsync();
            for (int turn = 0; turn < Turns; turn++)
            {
                await queue.NextAsync();
                Interlocked.Exchange(ref furthest, Math.Max(furthest, ++taken[i] - taken.Min()));
            }
        })));

        Assert.All(taken, t => Assert.Equal(Turns, t));
        Assert.False(queue.IsWaitedFor);
        // Two turns that run at once may be held up by the machine, each for as long as it likes.
        if (atOnce == 1)
            Assert.InRange(furthest, 1, 2);
    }
}
