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
        (double before, double starved) = await MeasureAsync(cancellationToken).ConfigureAwait(false);
        for (int count = 2; count <= MostAutomatic && starved < MostStarving; count *= 2)
        {
            await OpenAsync(count).ConfigureAwait(false);
            (double rate, starved) = await MeasureAsync(cancellationToken).ConfigureAwait(false);
            if (rate < before * WorthwhileGain)
                return;
            before = rate;
        }
    }

    private async ValueTask OpenAsync(int count)
    {
        await tell(new StreamsMessage { Count = count }).ConfigureAwait(false);
        session.OpenStreams(count);
    }

    /// <returns>Bytes a second, and the share of the time in which links had nothing to send.</returns>
    private async Task<(double Rate, double Starved)> MeasureAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(SettleTime, time, cancellationToken).ConfigureAwait(false);
        long start = time.GetTimestamp();
        long bytes = session.Window.AcknowledgedRecordBytes;
        TimeSpan starved = session.Window.Starved;
        await Task.Delay(MeasureTime, time, cancellationToken).ConfigureAwait(false);
        TimeSpan elapsed = time.GetElapsedTime(start);
        return ((session.Window.AcknowledgedRecordBytes - bytes) / elapsed.TotalSeconds, (session.Window.Starved - starved) / elapsed);
    }
}
