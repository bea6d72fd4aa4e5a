namespace P2PCopy.Transfer.Sending;

/// <summary>Keeps to a bandwidth limit by letting chunks wait: a token bucket that holds at most a tenth of a second.</summary>
internal sealed class SendPacer(long bytesPerSecond, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _due;

    /// <summary>Waits until a record of this many bytes may go.</summary>
    public async ValueTask WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond <= 0)
            return;
        TimeSpan now = time.GetElapsedTime(_start);
        TimeSpan earliest = now - TimeSpan.FromMilliseconds(100);
        if (_due < earliest)
            _due = earliest;
        if (_due > now)
            await Task.Delay(_due - now, time, cancellationToken).ConfigureAwait(false);
        _due += TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
    }
}
