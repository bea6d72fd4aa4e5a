namespace P2PCopy.Compression;

/// <summary>Compresses and decompresses single chunks. Safe for any number of threads at once.</summary>
internal interface IChunkCodec
{
    /// <summary>The codec in the flags of a chunk (docs/protocol.md, section 6).</summary>
    CodecId Id { get; }

    /// <summary>The name on the wire, in lower case.</summary>
    string Name { get; }

    /// <summary>The name for people, with the implementation if there are several.</summary>
    string Description { get; }

    /// <summary>The useful levels, the fastest first, with estimates until they are measured.</summary>
    IReadOnlyList<CodecLevel> Levels { get; }

    /// <summary>Compresses, if the result fits.</summary>
    /// <param name="source">The raw bytes.</param>
    /// <param name="destination">Receives the result; its length is the limit.</param>
    /// <param name="level">One of <see cref="Levels"/>.</param>
    /// <returns>Bytes written; -1 if the result does not fit, and the content of the destination is then undefined.</returns>
    int TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, int level);

    /// <summary>Decompresses to exactly the length of the destination; never writes beyond it.</summary>
    /// <param name="source">The compressed bytes of the other side.</param>
    /// <param name="destination">Receives the raw bytes; has their stated length.</param>
    /// <exception cref="InvalidDataException">The source is damaged, or its raw length is another one.</exception>
    void Decompress(ReadOnlySpan<byte> source, Span<byte> destination);
}

/// <summary>The codec field of a chunk.</summary>
internal enum CodecId : byte
{
    Raw = 0,
    Gzip = 1,
    Zstd = 2,
}

/// <summary>One level of a codec.</summary>
/// <param name="Level">The level of the codec.</param>
/// <param name="BytesPerSecond">Raw bytes per second on one core, until measured.</param>
/// <param name="RelativeSize">Size of the result relative to that of the fastest level, until measured.</param>
internal readonly record struct CodecLevel(int Level, double BytesPerSecond, double RelativeSize);
