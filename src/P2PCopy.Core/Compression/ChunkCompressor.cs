namespace P2PCopy.Compression;

/// <summary>Compresses the chunks of a session that become smaller, and reports the results to the decision.</summary>
/// <remarks>Safe for any number of threads at once.</remarks>
internal sealed class ChunkCompressor
{
    // A result must be smaller than the chunk by this much; otherwise the chunk is sent raw.
    private const int LeastSaving = 32;

    private readonly AdaptiveCompression? _adaptive;
    private readonly TimeProvider _clock;
    private readonly int _fixedLevel;

    /// <summary>Begins a session.</summary>
    /// <param name="codec">The codec of the session.</param>
    /// <param name="adaptive">Decides for each chunk; null tries every chunk.</param>
    /// <param name="clock">The clock.</param>
    public ChunkCompressor(IChunkCodec codec, AdaptiveCompression? adaptive, TimeProvider clock)
    {
        Codec = codec;
        _adaptive = adaptive;
        _clock = clock;
        _fixedLevel = codec.Levels[Math.Min(1, codec.Levels.Count - 1)].Level;
    }

    /// <summary>The codec of the results of <see cref="TryCompress"/>.</summary>
    public IChunkCodec Codec { get; }

    /// <summary>Compresses a chunk if the result is worth it.</summary>
    /// <param name="chunk">Raw bytes.</param>
    /// <param name="destination">At least as long as the chunk.</param>
    /// <param name="startsFile">Whether the chunk begins with the first byte of a file.</param>
    /// <returns>Bytes in <paramref name="destination"/>; -1 if the chunk is to be sent raw.</returns>
    public int TryCompress(ReadOnlySpan<byte> chunk, Span<byte> destination, bool startsFile)
    {
        var decision = new CompressionDecision(true, _fixedLevel);
        if (_adaptive is not null)
            decision = _adaptive.Decide(chunk, startsFile);
        if (!decision.Compress || chunk.Length <= LeastSaving)
            return -1;

        long start = _clock.GetTimestamp();
        int length = Codec.TryCompress(chunk, destination[..(chunk.Length - LeastSaving)], decision.Level);
        _adaptive?.ReportCompressed(decision.Level, chunk.Length, length, _clock.GetElapsedTime(start));
        return length;
    }

    /// <summary>Reports accepted bytes; see <see cref="AdaptiveCompression.ReportSent"/>.</summary>
    public void ReportSent(long bytes, TimeSpan busy) => _adaptive?.ReportSent(bytes, busy);

    /// <summary>Reports delivered bytes; see <see cref="AdaptiveCompression.ReportDelivered"/>.</summary>
    public void ReportDelivered(long bytes, TimeSpan elapsed) => _adaptive?.ReportDelivered(bytes, elapsed);
}
