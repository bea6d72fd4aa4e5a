using System.Collections.Concurrent;

namespace P2PCopy.Relay.Events;

/// <summary>The counters of the relay's metrics. Safe to use from any thread.</summary>
internal sealed class RelayCounters
{
    private readonly ConcurrentDictionary<string, long> _refusals = new(RefusalReasons.All.Select(r => KeyValuePair.Create(r, 0L)), StringComparer.Ordinal);
    private long _joins;
    private long _pairs;
    private long _bytesFromSenders;
    private long _bytesFromReceivers;
    private long _failedHandshakes;
    private long _directSessions;

    public long Joins => Interlocked.Read(ref _joins);

    public long Pairs => Interlocked.Read(ref _pairs);

    /// <summary>How long pairs lasted, in seconds.</summary>
    public ValueHistogram SessionSeconds { get; } = new(1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600);

    /// <summary>Bytes that pairs moved in both directions.</summary>
    public ValueHistogram SessionBytes { get; } = new(1 << 16, 1 << 20, 1 << 24, 1 << 28, 1L << 30, 1L << 34, 1L << 38);

    /// <summary>Sessions that had a direct connection, as their senders told.</summary>
    public long DirectSessions => Interlocked.Read(ref _directSessions);

    /// <summary>TLS handshakes that failed.</summary>
    public long FailedHandshakes => Interlocked.Read(ref _failedHandshakes);

    public IEnumerable<KeyValuePair<string, long>> Refusals => _refusals.OrderBy(r => r.Key, StringComparer.Ordinal);

    public long BytesFrom(PeerRole role) => Interlocked.Read(ref role == PeerRole.Send ? ref _bytesFromSenders : ref _bytesFromReceivers);

    /// <summary>Counts bytes that were forwarded from a client of this role.</summary>
    public void Forwarded(PeerRole from, int bytes)
        => Interlocked.Add(ref from == PeerRole.Send ? ref _bytesFromSenders : ref _bytesFromReceivers, bytes);

    public void Joined(bool paired)
    {
        Interlocked.Increment(ref _joins);
        if (paired)
            Interlocked.Increment(ref _pairs);
    }

    public void WentDirect() => Interlocked.Increment(ref _directSessions);

    public void Refused(string kind) => _refusals.AddOrUpdate(kind, 1, (_, n) => n + 1);

    public void HandshakeFailed()
    {
        Interlocked.Increment(ref _failedHandshakes);
        Refused("tls");
    }

    public void SessionEnded(TimeSpan duration, long bytes)
    {
        SessionSeconds.Record(duration.TotalSeconds);
        SessionBytes.Record(bytes);
    }
}
