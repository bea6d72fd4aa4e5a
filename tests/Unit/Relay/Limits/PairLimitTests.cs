using System.Globalization;

namespace P2PCopy.Tests.Unit.Relay.Limits;

/// <summary>The limits of a pair: its time, its bytes and its rate.</summary>
public class PairLimitTests : RelayLimitBase
{
    [Fact]
    public async Task A_pair_that_is_silent_ends_after_its_time()
    {
        await using TestRelay relay = await StartAsync();
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        Clock.Advance(TimeSpan.FromSeconds(200));
        await sender.SendAsync(RawClient.Frame(2, [1]));
        Assert.NotNull(await receiver.ReadFrameAsync());
        await relay.SettledAsync();
        Clock.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(1, relay.Server.Hub.Rooms.Pairs);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((4002, "Neither side sent anything for 300 s; join again to continue."), await sender.ReadCloseAsync());
        Assert.Equal(4002, (await receiver.ReadCloseAsync()).Code);
    }

    [Fact]
    public async Task A_reader_that_never_reads_is_cut_off_and_its_partner_is_told()
    {
        await using TestRelay relay = await StartAsync();
        using RawPair pair = await relay.RawPairAsync();
        RawClient sender = pair.Sender;
        byte[] frame = RawClient.Frame(2, new byte[1 << 20]);
        long sent = 0;
        Task sending = Task.Run(async () =>
        {
            while (true)
            {
                await sender.SendAsync(frame);
                Interlocked.Increment(ref sent);
            }
        });
        // The kernel's buffers are full once nothing moves any more.
        for (long last = -1; last != Interlocked.Read(ref sent); await Task.Delay(150, Cancel))
            last = Interlocked.Read(ref sent);

        // Or so it seems on a busy machine: what moves after all begins its time anew.
        Task<(int Code, string Reason)> closing = sender.ReadCloseAsync();
        await AdvanceUntilAsync(TimeSpan.FromSeconds(301), () => closing.IsCompleted);
        Assert.Contains((await closing).Code, (int[])[1001, 4002]);
        await AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => sending.IsCompleted);
        await Assert.ThrowsAnyAsync<IOException>(() => sending);
        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
    }

    [Fact]
    public async Task A_pair_ends_at_its_longest_time()
    {
        await using TestRelay relay = await StartAsync(o => o with { SessionTimeout = TimeSpan.FromSeconds(60) });
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((4002, "The pair has lasted the 60 s this relay allows; join again to continue."), await receiver.ReadCloseAsync());
        Assert.Equal(4002, (await sender.ReadCloseAsync()).Code);
    }

    [Fact]
    public async Task A_pair_ends_when_it_has_moved_its_bytes()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxBytesPerSession = 5000 });
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        await sender.SendAsync(RawClient.Frame(2, new byte[5000]));
        (int code, string reason) = await receiver.ReadCloseAsync();
        Assert.Equal((4002, "The pair has moved the 5000 bytes this relay allows; use another relay for more."), (code, reason));
    }

    [Fact]
    public async Task The_days_bytes_end_pairs_and_refuse_joins_until_tomorrow()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxBytesPerDay = 5000 });
        (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
        using (sender)
        using (receiver)
        {
            await sender.SendAsync(RawClient.Frame(2, new byte[5000]));
            Assert.Equal((4002, "This relay has reached its daily limit of bytes; try again tomorrow (UTC) or use another relay."), await receiver.ReadCloseAsync());
        }

        string answer = await RefusedAsync(relay, RoomOf(1));
        Assert.StartsWith("HTTP/1.1 503 ", answer);
        int seconds = int.Parse(answer.Split("Retry-After: ")[1].Split('\r')[0], CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 86_300, 86_400);
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        using RawClient next = await WaitAsync(relay, 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_rate_of_a_pair_and_of_all_pairs_is_kept(bool perSession)
    {
        const int Rate = 1 << 20;
        await using TestRelay relay = await StartAsync(o => perSession ? o with { MaxRatePerSession = Rate } : o with { MaxRate = Rate });
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        Task sending = sender.SendAsync(RawClient.Frame(2, new byte[4 * Rate]));
        Task receiving = Task.Run(async () =>
        {
            int received = 0;
            while (received < 4 * Rate)
                received += (await receiver.ReadFrameAsync())!.Value.Payload.Length;
        });
        TimeSpan taken = TimeSpan.Zero;
        while (!receiving.IsCompleted)
        {
            // Two timers: the relay's heartbeat, and the wait that keeps the rate.
            if (Clock.PendingTimers < 2)
            {
                await Task.Yield();
                continue;
            }

            Clock.Advance(TimeSpan.FromMilliseconds(10));
            taken += TimeSpan.FromMilliseconds(10);
        }

        await sending;
        await receiving;
        // A quarter of a second passes at once, and no one waits after the last byte.
        Assert.InRange(taken.TotalSeconds, 3.3, 4.5);
    }

    [Fact]
    public async Task A_stop_in_a_hurry_does_not_wait_for_the_rate()
    {
        const int Rate = 1 << 20;
        await using TestRelay relay = await StartAsync(o => o with { MaxRatePerSession = Rate });
        using RawPair pair = await relay.RawPairAsync();
        RawClient sender = pair.Sender;
        await sender.SendAsync(RawClient.Frame(2, new byte[Rate / 2]));
        await TimersAsync(2);
        await relay.StopNowAsync().WaitAsync(Cancel);
    }

    [Fact]
    public async Task A_message_longer_than_allowed_ends_its_connection()
    {
        await using TestRelay relay = await StartAsync(o => o with { MaxMessageBytes = 100_000 });
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        await sender.SendAsync(RawClient.Frame(2, new byte[60_000], final: false));
        await sender.SendAsync(RawClient.Frame(0, new byte[40_001]));
        Assert.Equal(1009, (await sender.ReadCloseAsync()).Code);
        Assert.Equal(1001, (await receiver.ReadCloseAsync()).Code);
    }
}
