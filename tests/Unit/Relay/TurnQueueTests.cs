using P2PCopy.Relay;

namespace P2PCopy.Tests.Relay;

public class TurnQueueTests
{
    [Fact]
    public async Task Everybody_gets_every_turn_and_nobody_gets_far_ahead()
    {
        const int Members = 200;
        const int Turns = 300;
        var queue = new TurnQueue();
        int[] taken = new int[Members];
        int furthest = 0;
        using var all = new CountdownEvent(Members);
        await Task.WhenAll(Enumerable.Range(0, Members).Select(i => Task.Run(async () =>
        {
            // They begin together.
            all.Signal();
            while (!all.IsSet)
                await queue.NextAsync();
            for (int turn = 0; turn < Turns; turn++)
            {
                await queue.NextAsync();
                int ahead = ++taken[i] - taken.Min();
                if (ahead > Volatile.Read(ref furthest))
                    Volatile.Write(ref furthest, ahead);
            }
        })));

        Assert.All(taken, t => Assert.Equal(Turns, t));
        Assert.InRange(furthest, 1, Turns / 4);
    }
}
