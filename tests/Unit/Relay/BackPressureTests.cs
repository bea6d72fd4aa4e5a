using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>What the relay keeps in memory is that of the whole process, so nothing else runs meanwhile.</summary>
[Collection(nameof(AloneCollection))]
public sealed class BackPressureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_slow_reader_slows_the_sender_and_nothing_piles_up()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        byte[] frame = RawClient.Frame(2, new byte[1 << 20]);
        int frames = 0;
        Task sending = Task.Run(async () =>
        {
            for (; frames < 200; frames++)
                await sender.SendAsync(frame);
        });
        await Task.WhenAny(sending, Task.Delay(1000, Cancel));
        Assert.False(sending.IsCompleted);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 << 20);

        long received = 0;
        while (received < 200L << 20)
            received += (await receiver.ReadFrameAsync())!.Value.Payload.Length;
        await sending;
    }
}
