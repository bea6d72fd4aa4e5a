namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Opens the parallel streams of a transfer: the number that was asked for at once; or, where none was, twice as
/// many again and again for as long as that makes the transfer clearly faster. Where the processor or the disk is the limit,
/// links have nothing to send, and no further one is opened until that changes.
/// </summary>
/// <param name="streams">How many; 0 finds out.</param>
/// <param name="time">The clock.</param>
/// <param name="observe">Tells how the links are doing.</param>
/// <param name="open">Has this many streams, the first included.</param>
internal sealed class StreamOpener(int streams, TimeProvider time, Func<LinkState> observe, Func<int, ValueTask> open)
{
    private const int MostAutomatic = 8;
    private const double WorthwhileGain = 1.15;

    // Where links are without anything to send for more than this share, something else than the network is the limit.
    private const double MostStarving = 0.25;

    // Acks of several links often come together: fewer of them tell no rate.
    private const int ChunksOfEachLink = 4;

    // TCP may take longer to find its rate, and a bad moment of the line or the machine is not the rule.
    private const int MostLooks = 4;

    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LeastMeasuring = TimeSpan.FromSeconds(0.75);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs until all streams are open, no further one is worth it, or the content takes another path.</summary>
    /// <param name="cancellationToken">Ends it, as in every transfer that is over before: no exception is thrown for that.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (streams == 0)
            await FindAsync(observe().Path, cancellationToken).ConfigureAwait(false);
        else if (streams > 1)
            await open(streams).ConfigureAwait(false);
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
    /// <param name="links">How many are up.</param>
    /// <param name="worthwhile">Bytes a second that are looked for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Bytes a second, as many or more, while the network was the limit; null when they are not reached, or it is cancelled.</returns>
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
    /// Waits until so many more chunks are acknowledged. A measurement from one ack to another does not depend on how many
    /// happen to fall into a second.
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

/// <summary>How the links of a sender are doing.</summary>
/// <param name="Path">A number that changes when content takes another path.</param>
/// <param name="Up">Links that are up.</param>
/// <param name="Chunks">Chunks that were acknowledged so far.</param>
/// <param name="Bytes">Bytes of them as they travelled.</param>
/// <param name="Starved">Time in which links had nothing to send.</param>
internal readonly record struct LinkState(int Path, int Up, long Chunks, long Bytes, TimeSpan Starved);
