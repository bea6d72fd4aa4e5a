namespace P2PCopy.Relay.Events;

/// <summary>Counts values in buckets with fixed upper bounds. Safe to use from any thread.</summary>
/// <param name="bounds">The upper bounds, in increasing order; a last bucket takes what is above.</param>
internal sealed class ValueHistogram(params double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private readonly Lock _lock = new();
    private double _sum;

    public void Record(double value)
    {
        int bucket = Array.FindIndex(bounds, bound => value <= bound);
        lock (_lock)
        {
            _counts[bucket < 0 ? bounds.Length : bucket]++;
            _sum += value;
        }
    }

    /// <summary>For each bound, the number of values up to it; the number of all values; their sum.</summary>
    public (IReadOnlyList<(double Bound, long Count)> Buckets, long Count, double Sum) Read()
    {
        lock (_lock)
        {
            var buckets = new (double, long)[bounds.Length];
            long count = 0;
            for (int i = 0; i < bounds.Length; i++)
                buckets[i] = (bounds[i], count += _counts[i]);
            return (buckets, count + _counts[^1], _sum);
        }
    }
}
