using P2PCopy.Session;
using P2PCopy.Transfer.Wire;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Opens the parallel streams of a transfer: the number that was asked for at once; or, where none was, one more after
/// another for as long as each makes the transfer clearly faster. Where the processor or the disk is the limit, the first
/// step shows it and no further is taken.
/// </summary>
internal sealed class StreamOpener(PeerSession session, int streams, TimeProvider time, Func<StreamsMessage, ValueTask> tell)
{
    private const int MostAutomatic = 8;
    private const double WorthwhileGain = 1.15;

    /// <summary>Long enough for TCP to find its rate, and for short transfers to be over before.</summary>
    private static readonly TimeSpan MeasureTime = TimeSpan.FromSeconds(2);

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
        double before = await MeasureAsync(cancellationToken).ConfigureAwait(false);
        for (int count = 2; count <= MostAutomatic; count++)
        {
            if (!session.Window.IsWaitingForLinks)
                return; // something else than the network is the limit
            await OpenAsync(count).ConfigureAwait(false);
            double rate = await MeasureAsync(cancellationToken).ConfigureAwait(false);
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

    private async Task<double> MeasureAsync(CancellationToken cancellationToken)
    {
        // The first half lets a change take effect.
        await Task.Delay(MeasureTime / 2, time, cancellationToken).ConfigureAwait(false);
        long start = time.GetTimestamp();
        long bytes = session.Window.AcknowledgedRecordBytes;
        await Task.Delay(MeasureTime, time, cancellationToken).ConfigureAwait(false);
        return (session.Window.AcknowledgedRecordBytes - bytes) / time.GetElapsedTime(start).TotalSeconds;
    }
}
