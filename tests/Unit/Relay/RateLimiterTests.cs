using P2PCopy.Relay.Limits;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Relay;

[Collection(nameof(AloneCollection))] // it measures the memory of the process
public sealed class RateLimiterTests
{
    private const int Known = 100_000;

    [Fact]
    public void A_flood_of_addresses_neither_fills_the_memory_nor_locks_out_an_address_that_is_new()
    {
        var limiter = new RateLimiter(60, new ManualTimeProvider());
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Known; i++)
            Assert.True(limiter.TryTake($"flood {i}"));

        // A single further address, which does not stop at its limit.
        while (limiter.TryTake("attacker"))
        {
        }

        int admitted = Enumerable.Range(0, 1000).Count(i => !limiter.IsExceeded($"new {i}") && limiter.TryTake($"new {i}"));
        Assert.InRange(admitted, 990, 1000);

        for (int i = 0; i < 2 * Known; i++)
            limiter.TryTake($"more {i}");
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 0, 48 << 20);
        GC.KeepAlive(limiter);
    }

    [Fact]
    public void Keys_are_forgotten_when_their_rate_is_unused()
    {
        var clock = new ManualTimeProvider();
        var limiter = new RateLimiter(60, clock);
        for (int i = 0; i < Known + 5000; i++)
            limiter.TryTake($"flood {i}");
        while (limiter.TryTake("attacker"))
        {
        }

        Assert.True(limiter.IsExceeded("attacker"));
        clock.Advance(TimeSpan.FromMinutes(2));
        limiter.Tick();

        for (int i = 0; i < 60; i++)
            Assert.True(limiter.TryTake("attacker"));
        Assert.False(limiter.TryTake("attacker"));
    }
}
