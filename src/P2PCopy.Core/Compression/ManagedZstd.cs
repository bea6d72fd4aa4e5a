using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace P2PCopy.Compression;

/// <summary>Zstandard (RFC 8878) by ZstdSharp, a managed port of libzstd, for machines without libzstd.</summary>
internal sealed class ManagedZstd : IChunkCodec
{
    private readonly ConcurrentDictionary<int, ConcurrentBag<ZstdSharp.Compressor>> _compressors = [];
    private readonly ConcurrentBag<ZstdSharp.Decompressor> _decompressors = [];

    /// <inheritdoc/>
    public CodecId Id => CodecId.Zstd;

    /// <inheritdoc/>
    public string Name => "zstd";

    /// <inheritdoc/>
    public string Description => "zstd (ZstdSharp)";

    /// <inheritdoc/>
    public IReadOnlyList<CodecLevel> Levels => ZstdLevels.All;

    /// <summary>The codec; null if the assembly of ZstdSharp is missing.</summary>
    public static ManagedZstd? TryCreate()
    {
        try
        {
            return Create();
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public int TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, int level)
    {
        ConcurrentBag<ZstdSharp.Compressor> pool = _compressors.GetOrAdd(level, _ => []);
        if (!pool.TryTake(out ZstdSharp.Compressor? compressor))
            compressor = new ZstdSharp.Compressor(level);
        bool fits = compressor.TryWrap(source, destination, out int written);
        pool.Add(compressor);
        return fits ? written : -1;
    }

    /// <inheritdoc/>
    public void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (!_decompressors.TryTake(out ZstdSharp.Decompressor? decompressor))
            decompressor = new ZstdSharp.Decompressor();
        int written;
        try
        {
            written = decompressor.Unwrap(source, destination);
        }
        catch (ZstdSharp.ZstdException e)
        {
            throw new InvalidDataException("A zstd chunk is damaged or longer than it was said to be.", e);
        }
        finally
        {
            _decompressors.Add(decompressor);
        }

        if (written != destination.Length)
            throw new InvalidDataException("A zstd chunk is shorter than it was said to be.");
    }

    // The runtime loads the assembly when it compiles this method, so a missing assembly is an exception here.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ManagedZstd Create()
    {
        var codec = new ManagedZstd();
        codec._decompressors.Add(new ZstdSharp.Decompressor());
        return codec;
    }
}
