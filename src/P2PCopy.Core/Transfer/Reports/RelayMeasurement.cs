using P2PCopy.Primitives;
using P2PCopy.Transport;

namespace P2PCopy.Transfer.Reports;

/// <summary>
/// How fast messages go through a relay. Both ends are here: a message from one to the other goes to the relay and back,
/// and one clock sees both.
/// </summary>
internal sealed class RelayMeasurement(IMessageChannel sender, IMessageChannel receiver, TimeProvider clock)
{
    private const int SmallMessage = 32;

    // What every relay takes: no limit on messages can be set lower.
    private const int LargeMessage = 64 << 10;

    // The first are slower than the rest: connections and code warm up.
    private const int RoundTrips = 9;
    private const int WarmUps = 2;

    private readonly byte[] _received = new byte[LargeMessage];

    /// <summary>The median time of a small message.</summary>
    public async Task<TimeSpan> RoundTripAsync(CancellationToken cancellationToken)
    {
        var times = new List<TimeSpan>();
        byte[] message = RandomSource.Bytes(SmallMessage);
        for (int i = -WarmUps; i < RoundTrips; i++)
        {
            long start = clock.GetTimestamp();
            await sender.SendAsync(message, cancellationToken).ConfigureAwait(false);
            await receiver.ReceiveAsync(_received, cancellationToken).ConfigureAwait(false);
            if (i >= 0)
                times.Add(clock.GetElapsedTime(start));
        }

        times.Sort();
        return times[RoundTrips / 2];
    }

    /// <summary>Bytes a second of large messages, sent one after the other for this long.</summary>
    public async Task<double> ThroughputAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        long start = clock.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<long> receiving = ReceiveAsync(stop.Token);
        await Concurrently.RunAsync(stop, SendAsync(start, length, stop.Token), receiving).ConfigureAwait(false);
        TimeSpan time = clock.GetElapsedTime(start);
        return await receiving.ConfigureAwait(false) / Math.Max(time.TotalSeconds, 0.001);
    }

    private async Task<long> ReceiveAsync(CancellationToken cancellationToken)
    {
        long bytes = 0;
        int last;
        do
        {
            last = await receiver.ReceiveAsync(_received, cancellationToken).ConfigureAwait(false);
            bytes += last;
        }
        while (last != SmallMessage);
        return bytes;
    }

    // Random, so that nothing on the way can make it smaller; a small message ends it.
    private async Task SendAsync(long start, TimeSpan length, CancellationToken cancellationToken)
    {
        byte[] message = RandomSource.Bytes(LargeMessage);
        while (clock.GetElapsedTime(start) < length)
            await sender.SendAsync(message, cancellationToken).ConfigureAwait(false);
        await sender.SendAsync(message.AsMemory(0, SmallMessage), cancellationToken).ConfigureAwait(false);
    }
}
