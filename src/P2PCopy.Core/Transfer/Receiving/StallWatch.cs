using System.Globalization;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Ends a session whose sender stays connected and makes no progress: heartbeats alone keep a connection, but not a
/// transfer. What the meter counts is progress, and so is everything that calls <see cref="Touch"/>.
/// </summary>
internal sealed class StallWatch(TimeSpan limit, TransferMeter meter, Func<bool> isConnected, TimeProvider time)
{
    private const int LooksPerLimit = 8;

    private long _last = time.GetTimestamp();
    private int _pauses;

    /// <summary>The sender made progress that the meter does not count.</summary>
    public void Touch() => Volatile.Write(ref _last, time.GetTimestamp());

    /// <summary>Does not count the time of a piece of work for which the sender has to wait.</summary>
    public async ValueTask<T> PauseAsync<T>(ValueTask<T> work)
    {
        Interlocked.Increment(ref _pauses);
        try
        {
            return await work.ConfigureAwait(false);
        }
        finally
        {
            Touch();
            Interlocked.Decrement(ref _pauses);
        }
    }

    /// <summary>Runs until it is stopped, or fails and stops the others.</summary>
    /// <exception cref="P2PException">There was no progress for the limit.</exception>
    public async Task RunAsync(CancellationTokenSource stop)
    {
        if (limit == TimeSpan.Zero)
            return;
        Touch();
        (long, long, long) seen = meter.Mark;
        while (true)
        {
            await Task.Delay(limit / LooksPerLimit, time, stop.Token).ConfigureAwait(false);
            (long, long, long) now = meter.Mark;
            if (now != seen || Volatile.Read(ref _pauses) > 0 || !isConnected())
                Touch();
            seen = now;
            if (time.GetElapsedTime(Volatile.Read(ref _last)) < limit)
                continue;
            await stop.CancelAsync().ConfigureAwait(false);
            throw new P2PException(
                P2PErrorCode.PeerAborted,
                string.Create(CultureInfo.InvariantCulture, $"The sender was connected but made no progress for {limit.TotalSeconds:0} s (`StallTimeout`)."))
            {
                Hint = "Check the sender, or raise `StallTimeout`.",
            };
        }
    }
}
