using System.Diagnostics.CodeAnalysis;
using P2PCopy.Primitives;
using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Limits;

/// <summary>The use of one named token by all its clients, and its limits. Safe to use from any thread.</summary>
internal sealed class TokenUse(string name, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly DailyVolume _day = new(clock);
    private volatile TokenLimits _limits = TokenLimits.None;
    private volatile TokenBucket? _rate;
    private int _connections;
    private long _joins;
    private long _bytes;

    public string Name => name;

    /// <summary>The limits; new ones also hold for the clients that are there.</summary>
    public TokenLimits Limits
    {
        get => _limits;
        set
        {
            lock (_lock)
            {
                if (value.Rate != _limits.Rate)
                    _rate = value.Rate > 0 ? new TokenBucket(value.Rate, value.Rate / 4.0, clock) : null;
                _limits = value;
            }
        }
    }

    public long Joins => Interlocked.Read(ref _joins);

    /// <summary>Connections that have joined.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Bytes that clients with this token sent.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Bytes of this day (UTC).</summary>
    public long BytesOfDay => _day.Bytes;

    /// <summary>Whether the clients have sent the bytes of this day.</summary>
    public bool IsDailyLimitReached => _day.HasReached(_limits.BytesPerDay);

    /// <summary>Counts a connection until <see cref="Leave"/>, if the limits allow it.</summary>
    /// <param name="isReplacing">Whether it takes the place of a connection that leaves then, and is not waited for.</param>
    /// <param name="refusal">The limit that is reached.</param>
    public bool TryEnter(bool isReplacing, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = null;
        if (IsDailyLimitReached)
        {
            refusal = new Refusal(429, "token-day", "The clients with your token have reached their daily limit of bytes.", "Try again tomorrow (UTC), or ask the operator of the relay.", _day.SecondsToNextDay);
            return false;
        }

        lock (_lock)
        {
            if (_limits.Connections == 0 || _connections < _limits.Connections || isReplacing)
            {
                _connections++;
                return true;
            }
        }

        refusal = new Refusal(429, "token-connections", "The clients with your token have all the connections that it allows.", "End some of them, or ask the operator of the relay.", 30);
        return false;
    }

    /// <summary>Ends what <see cref="TryEnter"/> began.</summary>
    public void Leave()
    {
        lock (_lock)
            _connections--;
    }

    public void Joined() => Interlocked.Increment(ref _joins);

    /// <summary>Counts bytes that were forwarded, and returns how long to wait before the next.</summary>
    public TimeSpan Charge(int count)
    {
        Interlocked.Add(ref _bytes, count);
        _day.Add(count);
        return _rate?.Take(count) ?? TimeSpan.Zero;
    }
}
