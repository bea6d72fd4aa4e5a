using System.Collections.Concurrent;

namespace P2PCopy.Compression;

/// <summary>Zstandard (RFC 8878) by the system's libzstd. Contexts are reused.</summary>
internal sealed unsafe class NativeZstd : IChunkCodec
{
    private readonly ZstdLibrary _library;
    private readonly ConcurrentBag<nint> _compressors = [];
    private readonly ConcurrentBag<nint> _decompressors = [];

    private NativeZstd(ZstdLibrary library) => _library = library;

    /// <inheritdoc/>
    public CodecId Id => CodecId.Zstd;

    /// <inheritdoc/>
    public string Name => "zstd";

    /// <inheritdoc/>
    public string Description => $"zstd (libzstd {_library.Version})";

    /// <inheritdoc/>
    public IReadOnlyList<CodecLevel> Levels => ZstdLevels.All;

    /// <summary>The codec; null without the library.</summary>
    public static NativeZstd? TryCreate() => ZstdLibrary.TryLoad() is { } library ? new NativeZstd(library) : null;

    /// <inheritdoc/>
    public int TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, int level)
    {
        if (!_compressors.TryTake(out nint context))
            context = Made(_library.CreateCompressor());
        nuint result;
        fixed (byte* from = source, to = destination)
        {
            result = _library.Compress(context, to, (nuint)destination.Length, from, (nuint)source.Length, level);
        }

        _compressors.Add(context);

        // With a valid context, one-shot compression fails only if the result does not fit.
        return _library.IsError(result) != 0 ? -1 : (int)result;
    }

    /// <inheritdoc/>
    public void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (!_decompressors.TryTake(out nint context))
            context = Made(_library.CreateDecompressor());
        nuint result;
        fixed (byte* from = source, to = destination)
        {
            // One-shot decompression uses the destination as its window, so a frame cannot make it allocate memory.
            result = _library.Decompress(context, to, (nuint)destination.Length, from, (nuint)source.Length);
        }

        _decompressors.Add(context);
        if (_library.IsError(result) != 0)
            throw new InvalidDataException("A zstd chunk is damaged or longer than it was said to be.");
        if (result != (nuint)destination.Length)
            throw new InvalidDataException("A zstd chunk is shorter than it was said to be.");
    }

    private static nint Made(nint context) => context != 0 ? context : throw new InsufficientMemoryException("libzstd could not make a context.");
}
