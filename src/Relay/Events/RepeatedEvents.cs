namespace P2PCopy.Relay.Events;

/// <summary>
/// Counts equal events. The first one of a key is reported at once, the following ones together after an interval. The number of
/// keys is limited; further keys share one count. Safe to use from any thread.
/// </summary>
internal sealed class RepeatedEvents<TKey>(TimeProvider clock)
    where TKey : notnull
{
    private const int MaxKeys = 256;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, (long Since, long Count)> _counts = [];

    /// <summary>Counts one event.</summary>
    /// <param name="key">What makes events equal.</param>
    /// <param name="overflow">The key to use when there are too many keys.</param>
    /// <returns>Whether the caller reports it now.</returns>
    public bool Add(TKey key, TKey overflow)
    {
        lock (_lock)
        {
            if (_counts.Count >= MaxKeys && !_counts.ContainsKey(key))
                key = overflow;
            if (_counts.TryGetValue(key, out (long Since, long Count) known))
            {
                _counts[key] = known with { Count = known.Count + 1 };
                return false;
            }

            bool isOverflow = key.Equals(overflow);
            _counts[key] = (clock.GetTimestamp(), isOverflow ? 1 : 0);
            return !isOverflow;
        }
    }

    /// <summary>Takes the counts whose interval is over; a key without repetitions is forgotten.</summary>
    public IReadOnlyList<(TKey Key, long Count)> TakeDue(bool all)
    {
        List<(TKey Key, long Count)> due = [];
        lock (_lock)
        {
            foreach ((TKey key, (long since, long count)) in _counts)
            {
                if (!all && clock.GetElapsedTime(since) < Interval)
                    continue;
                if (count == 0)
                {
                    _counts.Remove(key);
                    continue;
                }

                due.Add((key, count));
                _counts[key] = (clock.GetTimestamp(), 0);
            }
        }

        return due;
    }
}
