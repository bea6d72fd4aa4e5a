using System.Collections.Concurrent;
using P2PCopy.Primitives;

namespace P2PCopy.Relay.Limits;

/// <summary>
/// The same rate per minute for each of many keys, such as addresses; as many may pass at once. Safe to use from any thread.
/// </summary>
/// <param name="perMinute">The rate; 0 is without a limit.</param>
/// <param name="clock">The clock.</param>
internal sealed class RateLimiter(int perMinute, TimeProvider clock)
{
    // Further keys share buckets, so a flood of keys cannot fill the memory. They are many, so that it cannot lock out all others.
    private const int MaxKeys = 100_000;
    private const int SharedBuckets = 4096;

    private readonly ConcurrentDictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);

    public int PerMinute => perMinute;

    /// <summary>Seconds until a refused client may try again.</summary>
    public int RetryAfterSeconds => Math.Max(1, 60 / Math.Max(1, perMinute));

    /// <summary>Counts one use of a key, if the rate allows it.</summary>
    public bool TryTake(string key) => perMinute == 0 || Bucket(key).TryTake();

    /// <summary>Whether the next use of a key would exceed the rate.</summary>
    public bool IsExceeded(string key) => perMinute > 0 && (_buckets.TryGetValue(key, out TokenBucket? bucket) || _buckets.TryGetValue(Shared(key), out bucket)) && bucket.IsEmpty;

    /// <summary>Forgets the keys that were not used recently; called once a second.</summary>
    public void Tick()
    {
        foreach ((string key, TokenBucket bucket) in _buckets)
        {
            if (bucket.IsFull)
                _buckets.TryRemove(new KeyValuePair<string, TokenBucket>(key, bucket));
        }
    }

    // The hash differs in every process, so a client cannot choose its bucket. A key of one character is neither an address nor a room.
    private static string Shared(string key) => ((char)(string.GetHashCode(key, StringComparison.Ordinal) & (SharedBuckets - 1))).ToString();

    private TokenBucket Bucket(string key)
    {
        if (_buckets.Count >= MaxKeys && !_buckets.ContainsKey(key))
            key = Shared(key);
        return _buckets.GetOrAdd(key, _ => new TokenBucket(perMinute / 60.0, perMinute, clock));
    }
}
