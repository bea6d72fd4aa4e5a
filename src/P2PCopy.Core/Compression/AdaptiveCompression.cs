namespace P2PCopy.Compression;

/// <summary>How to treat one chunk.</summary>
/// <param name="Compress">Whether it is compressed.</param>
/// <param name="Level">The level to compress at.</param>
internal readonly record struct CompressionDecision(bool Compress, int Level);

/// <summary>
/// Decides for each chunk whether to compress it and at which level. It uses a sample of the chunk, the results of recent chunks, and
/// whether the codec or the link is slower. It has no clock; the caller reports the measurements.
/// </summary>
/// <remarks>Safe for any number of threads at once.</remarks>
internal sealed class AdaptiveCompression
{
    // A smaller saving is not worth the receiver's time.
    private const double WorthwhileSize = 0.95;

    // One of 8 slices, so that a chunk is tried if only an eighth of it is text.
    private const double WorthwhileShare = 0.12;

    // Another level must be better by this factor, because measurements vary.
    private const double ChangeFor = 1.1;

    // The assumed rate of the link until it is measured, so that the first chunks are compressed quickly. Buffers on the way accept
    // some MiB at once, so the measurement begins as if this much had already been sent.
    private const double UnknownLink = 100e6;
    private const double AssumedSent = 16 << 20;

    // A link accepts a few chunks at once into its buffers and then none for a while, so only the sum of several chunks shows its rate.
    private const double KeptOfSent = 0.85;

    // The rate of the other work of a core, above all hashing and sealing.
    private const double OtherWork = 500e6;

    private const double Newest = 0.25;
    private const int ProbeLength = 64 * 1024;
    private const int FirstProbeGap = 16;
    private const int LongestProbeGap = 256;

    private readonly IChunkCodec _codec;
    private readonly int _workers;
    private readonly double[] _speed;
    private readonly double[] _relativeSize;
    private readonly Lock _lock = new();
    private double _sentBytes = AssumedSent;
    private double _sentSeconds = AssumedSent / UnknownLink;
    private double _size = 0.5;

    // Index of the level in use, -1 for raw.
    private int _current;

    // Data that looks random can contain repetitions, so a part of it is sometimes compressed as a test.
    private int _sinceProbe = LongestProbeGap;
    private int _probeGap = FirstProbeGap;
    private bool _randomCompresses;

    /// <summary>Begins a session.</summary>
    /// <param name="codec">The codec of the session.</param>
    /// <param name="workers">Number of chunks that are compressed at the same time.</param>
    public AdaptiveCompression(IChunkCodec codec, int workers)
    {
        _codec = codec;
        _workers = Math.Max(1, workers);
        _speed = codec.Levels.Select(level => level.BytesPerSecond).ToArray();
        _relativeSize = codec.Levels.Select(level => level.RelativeSize).ToArray();
    }

    /// <summary>Decides about one chunk.</summary>
    /// <param name="chunk">Its raw bytes.</param>
    /// <param name="startsFile">Whether it begins with the first byte of a file, where a signature can be.</param>
    public CompressionDecision Decide(ReadOnlySpan<byte> chunk, bool startsFile)
    {
        int choice;
        lock (_lock)
            choice = Choose();
        if (choice < 0)
            return default;

        bool saysCompressed = startsFile && CompressedSignatures.Match(chunk);
        return ContentSample.CompressibleShare(chunk, saysCompressed) >= WorthwhileShare || RandomCompresses(chunk)
            ? new CompressionDecision(true, _codec.Levels[choice].Level)
            : default;
    }

    /// <summary>Reports the result of a compression.</summary>
    /// <param name="level">The level.</param>
    /// <param name="rawBytes">Bytes before.</param>
    /// <param name="compressedBytes">Bytes after; -1 if the result did not fit.</param>
    /// <param name="elapsed">The time of one worker.</param>
    public void ReportCompressed(int level, int rawBytes, int compressedBytes, TimeSpan elapsed)
    {
        int index = Index(level);
        if (index < 0 || rawBytes == 0)
            return;
        double size = compressedBytes < 0 ? 1 : (double)compressedBytes / rawBytes;
        lock (_lock)
        {
            // Chunks that do not become smaller are recognised by their sample. They would distort the average.
            if (size < WorthwhileSize)
            {
                Blend(ref _size, size / _relativeSize[index]);
                if (index > 0)
                    Blend(ref _relativeSize[index], Math.Clamp(size / _size, 0.3, 1.0), Newest / 8);
            }
            else
            {
                _randomCompresses = false;
            }

            if (elapsed > TimeSpan.Zero)
                Blend(ref _speed[index], rawBytes / elapsed.TotalSeconds);
        }
    }

    /// <summary>Reports the bytes that the link accepted.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="busy">
    /// The time that the sender waited for the link. Time in which there was nothing to send does not count, so that a slow codec is
    /// not taken for a slow link.
    /// </param>
    public void ReportSent(long bytes, TimeSpan busy)
    {
        if (bytes <= 0)
            return;
        lock (_lock)
        {
            _sentBytes = (_sentBytes * KeptOfSent) + bytes;
            _sentSeconds = (_sentSeconds * KeptOfSent) + Math.Max(busy.TotalSeconds, 1e-6);
        }
    }

    /// <summary>
    /// Reports the bytes that the link delivered while it was the bottleneck. This measurement replaces that of
    /// <see cref="ReportSent"/>, which includes buffers on the way.
    /// </summary>
    /// <param name="bytes">Bytes that arrived.</param>
    /// <param name="elapsed">The time for it.</param>
    public void ReportDelivered(long bytes, TimeSpan elapsed)
    {
        if (bytes <= 0 || elapsed <= TimeSpan.Zero)
            return;
        lock (_lock)
        {
            double link = Link;
            Blend(ref link, bytes / elapsed.TotalSeconds);
            _sentBytes = AssumedSent;
            _sentSeconds = AssumedSent / link;
        }
    }

    // The level with the highest rate of raw bytes; -1 for none. The current level stays unless another one is clearly better.
    private int Choose()
    {
        int best = -1;
        double bestRate = Rate(-1);
        for (int i = 0; i < _speed.Length; i++)
        {
            double rate = Rate(i);
            if (rate <= bestRate)
                continue;
            best = i;
            bestRate = rate;
        }

        if (best != _current && bestRate > Rate(_current) * ChangeFor)
            _current = best;
        return _current;
    }

    private double Link => _sentBytes / _sentSeconds;

    // The slower of link and codec determines the rate.
    private double Rate(int index) => index < 0
        ? Link
        : Math.Min(Link / Math.Max(_size * _relativeSize[index], 0.001), _workers / ((1 / _speed[index]) + (1 / OtherWork)));

    private bool RandomCompresses(ReadOnlySpan<byte> chunk)
    {
        lock (_lock)
        {
            if (++_sinceProbe < _probeGap)
                return _randomCompresses;
            _sinceProbe = 0;
        }

        ReadOnlySpan<byte> piece = chunk.Length <= ProbeLength ? chunk : chunk.Slice((chunk.Length - ProbeLength) / 2, ProbeLength);
        byte[] result = System.Buffers.ArrayPool<byte>.Shared.Rent(ProbeLength);
        int size = _codec.TryCompress(piece, result.AsSpan(0, (int)(piece.Length * WorthwhileSize)), _codec.Levels[0].Level);
        System.Buffers.ArrayPool<byte>.Shared.Return(result);
        lock (_lock)
        {
            _randomCompresses = size >= 0;
            _probeGap = _randomCompresses ? FirstProbeGap : Math.Min(_probeGap * 2, LongestProbeGap);
            return _randomCompresses;
        }
    }

    private int Index(int level)
    {
        for (int i = 0; i < _codec.Levels.Count; i++)
        {
            if (_codec.Levels[i].Level == level)
                return i;
        }

        return -1;
    }

    private static void Blend(ref double value, double measured, double weight = Newest) => value += (measured - value) * weight;
}
