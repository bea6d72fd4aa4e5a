using System.Globalization;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Ends a session whose sender makes too little progress: heartbeats, a byte now and then, or a connection that is lost and
/// re-established keep a session, but not a transfer. Content counts with its bytes. Every entry, file and listed block counts
/// as <see cref="Step"/> bytes. Time in which the sender waits for this side does not count.
/// </summary>
/// <param name="options">The limits.</param>
/// <param name="meter">The progress of the content.</param>
/// <param name="isConnected">Whether a connection is up.</param>
internal sealed class StallWatch(ReceiveOptions options, TransferMeter meter, Func<bool> isConnected)
{
    /// <summary>Bytes that a piece of progress without content counts as.</summary>
    public const int Step = 1024;

    private const int LooksPerLimit = 8;

    private readonly TimeSpan _limit = options.StallTimeout;

    // A connection that is lost may take its time to come back, once.
    private readonly TimeSpan _awayLimit = TimeSpan.FromTicks(Math.Max(options.StallTimeout.Ticks, options.RetryTimeout.Ticks));

    private readonly long _needed = (long)Math.Clamp((options.MinRate ?? 0) * options.StallTimeout.TotalSeconds, 1, long.MaxValue / 2);
    private long _steps;
    private int _pauses;

    /// <summary>The sender made progress that the meter does not count.</summary>
    public void Touch(int steps = 1) => Interlocked.Add(ref _steps, steps);

    /// <summary>Until the result is disposed, the sender waits for this side.</summary>
    public Pauses Pause()
    {
        Interlocked.Increment(ref _pauses);
        return new Pauses(this);
    }

    /// <summary>The sender waits for a piece of work.</summary>
    public async ValueTask<T> PauseAsync<T>(ValueTask<T> work)
    {
        using (Pause())
            return await work.ConfigureAwait(false);
    }

    /// <summary>Runs until it is stopped, or fails and stops the others.</summary>
    /// <exception cref="P2PException">There was too little progress.</exception>
    public async Task RunAsync(CancellationTokenSource stop)
    {
        if (_limit == TimeSpan.Zero)
            return;
        TimeProvider time = options.TimeProvider;
        (TimeSpan connected, TimeSpan away) = (TimeSpan.Zero, TimeSpan.Zero);
        long then = time.GetTimestamp();
        long anchor = Measure();
        long current = meter.Mark.Current;
        while (connected < _limit && away < _awayLimit)
        {
            await Task.Delay(_limit / LooksPerLimit, time, stop.Token).ConfigureAwait(false);
            long now = time.GetTimestamp();
            TimeSpan passed = time.GetElapsedTime(then, now);
            then = now;
            if (meter.Mark.Current != current)
                Touch(); // this side works, such as when it reads a file
            current = meter.Mark.Current;
            if (Measure() - anchor >= _needed)
            {
                anchor = Measure();
                connected = away = TimeSpan.Zero;
            }
            else if (Volatile.Read(ref _pauses) == 0 && isConnected())
            {
                connected += passed;
            }
            else if (Volatile.Read(ref _pauses) == 0)
            {
                away += passed;
            }
        }

        await stop.CancelAsync().ConfigureAwait(false);
        throw Stalled(away >= _awayLimit);
    }

    private P2PException Stalled(bool isAway)
    {
        string much = options.MinRate > 0 ? string.Create(CultureInfo.InvariantCulture, $"less progress than {options.MinRate:N0} bytes per second (`MinRate`)") : "no progress";
        string often = isAway ? "was connected again and again, but" : "was connected, but";
        return new P2PException(
            P2PErrorCode.PeerAborted,
            string.Create(CultureInfo.InvariantCulture, $"The sender {often} made {much} for {(isAway ? _awayLimit : _limit).TotalSeconds:0} s (`StallTimeout`)."))
        {
            Hint = options.MinRate > 0 ? "Check the sender, raise `StallTimeout`, or lower `MinRate`." : "Check the sender, or raise `StallTimeout`.",
        };
    }

    private long Measure() => meter.Mark is var mark ? mark.Bytes + ((mark.Files + Volatile.Read(ref _steps)) * Step) : 0;

    /// <summary>Ends a pause.</summary>
    internal readonly struct Pauses(StallWatch watch) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref watch._pauses);
    }
}
