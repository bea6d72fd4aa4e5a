using P2PCopy.Session;
using P2PCopy.Transfer.Wire;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Opens the parallel streams of a transfer: the number that was asked for at once; or, where none was, twice as
/// many again and again for as long as that makes the transfer clearly faster. Where the processor or the disk is the limit,
/// links have nothing to send, and no further one is opened.
/// </summary>
internal sealed class StreamOpener(PeerSession session, int streams, TimeProvider time, Func<StreamsMessage, ValueTask> tell)
{
    private const int MostAutomatic = 8;
    private const double WorthwhileGain = 1.15;

    // Where links are without anything to send for more than this share, something else than the network is the limit.
    private const double MostStarving = 0.25;

    /// <summary>A new stream needs a few round trips, and TCP some more to find its rate.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(0.75);

    private static readonly TimeSpan MeasureTime = TimeSpan.FromSeconds(1);

    /// <summary>Runs until all streams are open or no further one is worth it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (streams == 0)
            await FindAsync(cancellationToken).ConfigureAwait(false);
        else if (streams > 1)
            await OpenAsync(streams).ConfigureAwait(false);
    }

    private async Task FindAsync(CancellationToken cancellationToken)
    {
        Measurement? before = await MeasureAsync(cancellationToken).ConfigureAwait(false);
        for (int count = 2; count <= MostAutomatic && before is { Starved: < MostStarving }; count *= 2)
        {
            await OpenAsync(count).ConfigureAwait(false);
            Measurement? now = await MeasureAsync(cancellationToken).ConfigureAwait(false);
            if (now is null || now.Rate < before.Rate * WorthwhileGain)
                return;
            before = now;
        }
    }

    private async ValueTask OpenAsync(int count)
    {
        await tell(new StreamsMessage { Count = count }).ConfigureAwait(false);
        session.OpenStreams(count);
    }

    /// <returns>Null when it is cancelled, as in every transfer that is over before: no exception is thrown for that.</returns>
    private async Task<Measurement?> MeasureAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(SettleTime, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        long start = time.GetTimestamp();
        long bytes = session.Window.AcknowledgedRecordBytes;
        TimeSpan starved = session.Window.Starved;
        await Task.Delay(MeasureTime, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (cancellationToken.IsCancellationRequested)
            return null;
        TimeSpan elapsed = time.GetElapsedTime(start);
        return new Measurement((session.Window.AcknowledgedRecordBytes - bytes) / elapsed.TotalSeconds, (session.Window.Starved - starved) / elapsed);
    }

    /// <param name="Rate">Bytes a second.</param>
    /// <param name="Starved">The share of the time in which links had nothing to send.</param>
    private sealed record Measurement(double Rate, double Starved);
}
