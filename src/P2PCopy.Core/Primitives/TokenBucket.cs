namespace P2PCopy.Primitives;

/// <summary>A rate limit with a burst. Safe to use from any thread.</summary>
internal sealed class TokenBucket
{
    private readonly Lock _lock = new();
    private readonly double _perSecond;
    private readonly double _burst;
    private readonly TimeProvider _clock;
    private double _tokens;
    private long _filled;

    /// <summary>Makes a full bucket.</summary>
    /// <param name="perSecond">Tokens that are added per second.</param>
    /// <param name="burst">Maximum number of tokens in the bucket.</param>
    /// <param name="clock">The clock.</param>
    public TokenBucket(double perSecond, double burst, TimeProvider clock)
    {
        _perSecond = perSecond;
        _burst = burst;
        _clock = clock;
        _tokens = burst;
        _filled = clock.GetTimestamp();
    }

    /// <summary>Whether the bucket is full. A full bucket equals a new one, so it does not need to be kept.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                Fill();
                return _tokens >= _burst;
            }
        }
    }

    /// <summary>Whether less than one token is left.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                Fill();
                return _tokens < 1;
            }
        }
    }

    /// <summary>Takes one token, if there is one.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            Fill();
            if (_tokens < 1)
                return false;
            _tokens--;
            return true;
        }
    }

    /// <summary>Takes this many tokens, below zero if necessary, and returns how long to wait before taking more.</summary>
    public TimeSpan Take(long count)
    {
        lock (_lock)
        {
            Fill();
            _tokens -= count;
            return Debt();
        }
    }

    /// <summary>Takes this many tokens, below zero if necessary; waits first until the bucket is no longer below zero. For one caller at a time.</summary>
    public async ValueTask TakeAsync(long count, CancellationToken cancellationToken)
    {
        while (Take(0) is var wait && wait > TimeSpan.Zero)
            await Task.Delay(wait, _clock, cancellationToken).ConfigureAwait(false);
        Take(count);
    }

    private TimeSpan Debt() => _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _perSecond);

    private void Fill()
    {
        long now = _clock.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + (_clock.GetElapsedTime(_filled, now).TotalSeconds * _perSecond));
        _filled = now;
    }
}
