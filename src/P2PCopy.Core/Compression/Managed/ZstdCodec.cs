using System.Collections.Concurrent;

namespace P2PCopy.Compression;

/// <summary>
/// Zstandard (RFC 8878) by the managed port ZstdSharp, for machines without libzstd: compiled instead of the native
/// one with <c>-p:ZstdBackend=managed</c>.
/// </summary>
internal sealed class ZstdCodec : IChunkCodec
{
    private readonly ConcurrentDictionary<int, ConcurrentBag<ZstdSharp.Compressor>> _compressors = [];
    private readonly ConcurrentBag<ZstdSharp.Decompressor> _decompressors = [];

    /// <inheritdoc/>
    public CodecId Id => CodecId.Zstd;

    /// <inheritdoc/>
    public string Name => "zstd";

    /// <inheritdoc/>
    public IReadOnlyList<CodecLevel> Levels => ZstdLevels.All;

    /// <summary>The codec; never null in this build.</summary>
    public static ZstdCodec? TryCreate() => new();

    /// <inheritdoc/>
    public int TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, int level)
    {
        ConcurrentBag<ZstdSharp.Compressor> pool = _compressors.GetOrAdd(level, _ => []);
        if (!pool.TryTake(out ZstdSharp.Compressor? compressor)) compressor = new ZstdSharp.Compressor(level);
        bool fits = compressor.TryWrap(source, destination, out int written);
        pool.Add(compressor);
        return fits ? written : -1;
    }

    /// <inheritdoc/>
    public void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (!_decompressors.TryTake(out ZstdSharp.Decompressor? decompressor)) decompressor = new ZstdSharp.Decompressor();
        int written;
        try
        {
            written = decompressor.Unwrap(source, destination);
        }
        catch (ZstdSharp.ZstdException exception)
        {
            throw new InvalidDataException("A zstd chunk is damaged or longer than it was said to be.", exception);
        }
        finally
        {
            _decompressors.Add(decompressor);
        }

        if (written != destination.Length) throw new InvalidDataException("A zstd chunk is shorter than it was said to be.");
    }
}
