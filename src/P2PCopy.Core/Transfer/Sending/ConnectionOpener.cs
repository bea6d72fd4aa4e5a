namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Opens the parallel connections of a transfer. A requested number is opened at once. Otherwise the number is doubled as long as
/// this makes the transfer clearly faster. If the processor or the disk is the bottleneck, links have nothing to send, and no
/// further connection is opened until that changes.
/// </summary>
/// <param name="connections">Their number; 0 finds it by measurement.</param>
/// <param name="time">The clock.</param>
/// <param name="observe">Returns the state of the links.</param>
/// <param name="open">Opens connections until there are this many.</param>
internal sealed class ConnectionOpener(int connections, TimeProvider time, Func<LinkState> observe, Func<int, ValueTask> open)
{
    private const int MostAutomatic = 8;
    private const double WorthwhileGain = 1.15;

    // If links have nothing to send for more than this share of the time, the network is not the bottleneck.
    private const double MostStarving = 0.25;

    // Acks of several links often arrive together, so fewer chunks give no rate.
    private const int ChunksOfEachLink = 4;

    // TCP may need longer to reach its rate, and one measurement may be disturbed.
    private const int MostLooks = 4;

    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LeastMeasuring = TimeSpan.FromSeconds(0.75);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs until all connections are open, a further one is of no use, or the content takes another path.</summary>
    /// <param name="cancellationToken">Ends it without an exception, because a transfer may be over before.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (connections == 0)
            await FindAsync(observe().Path, cancellationToken).ConfigureAwait(false);
        else if (connections > 1)
            await open(connections).ConfigureAwait(false);
    }

    private async Task FindAsync(int path, CancellationToken cancellationToken)
    {
        double? reached = await MeasureAsync(path, 1, worthwhile: 0, cancellationToken).ConfigureAwait(false);
        for (int count = 2; count <= MostAutomatic && reached is not null; count *= 2)
        {
            await open(count).ConfigureAwait(false);
            await UntilAsync(() => observe() is var state && (state.Up >= count || state.Path != path), cancellationToken).ConfigureAwait(false);
            reached = await MeasureAsync(path, count, reached.Value * WorthwhileGain, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <param name="path">The path that is measured.</param>
    /// <param name="links">The number of links that are up.</param>
    /// <param name="worthwhile">Bytes per second that are sufficient.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Bytes per second while the network was the bottleneck, if sufficient; null if not reached or cancelled.</returns>
    private async Task<double?> MeasureAsync(int path, int links, double worthwhile, CancellationToken cancellationToken)
    {
        await PauseAsync(SettleTime, cancellationToken).ConfigureAwait(false);
        for (int looks = 0; looks < MostLooks;)
        {
            await AckAsync(1, cancellationToken).ConfigureAwait(false);
            long start = time.GetTimestamp();
            LinkState before = observe();
            await PauseAsync(LeastMeasuring, cancellationToken).ConfigureAwait(false);
            await AckAsync(Math.Max(1, before.Chunks + (links * ChunksOfEachLink) - observe().Chunks), cancellationToken).ConfigureAwait(false);
            LinkState after = observe();
            if (cancellationToken.IsCancellationRequested || after.Path != path)
                return null;
            TimeSpan elapsed = time.GetElapsedTime(start);
            if ((after.Starved - before.Starved) / elapsed >= MostStarving)
                continue;
            double rate = (after.Bytes - before.Bytes) / elapsed.TotalSeconds;
            if (rate >= worthwhile)
                return rate;
            looks++;
        }

        return null;
    }

    /// <summary>
    /// Waits until this number of further chunks is acknowledged. A measurement from one ack to another does not depend on how many
    /// acks arrive within a second.
    /// </summary>
    private Task AckAsync(long chunks, CancellationToken cancellationToken)
    {
        long wanted = observe().Chunks + chunks;
        return UntilAsync(() => observe().Chunks >= wanted, cancellationToken);
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition() && !cancellationToken.IsCancellationRequested)
            await PauseAsync(Step, cancellationToken).ConfigureAwait(false);
    }

    private async Task PauseAsync(TimeSpan duration, CancellationToken cancellationToken)
        => await Task.Delay(duration, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

/// <summary>The state of a sender's links.</summary>
/// <param name="Path">A number that changes when content takes another path.</param>
/// <param name="Up">Links that are up.</param>
/// <param name="Chunks">Acknowledged chunks.</param>
/// <param name="Bytes">Bytes of these chunks as they were sent.</param>
/// <param name="Starved">Time in which links had nothing to send.</param>
internal readonly record struct LinkState(int Path, int Up, long Chunks, long Bytes, TimeSpan Starved);
