namespace P2PCopy.Compression;

/// <summary>Compresses and decompresses single chunks. Safe for any number of threads at once.</summary>
internal interface IChunkCodec
{
    /// <summary>What stands in a chunk's flags: docs/protocol.md §6.</summary>
    CodecId Id { get; }

    /// <summary>The name that peers tell each other, in lower case.</summary>
    string Name { get; }

    /// <summary>The name and, where there are several implementations, the one in use. For people.</summary>
    string Description { get; }

    /// <summary>The levels worth using, fastest first, with what to expect of them before anything is measured.</summary>
    IReadOnlyList<CodecLevel> Levels { get; }

    /// <summary>Compresses, if the result fits.</summary>
    /// <param name="source">The raw bytes.</param>
    /// <param name="destination">Where to; its length is the most the result may have.</param>
    /// <param name="level">One of <see cref="Levels"/>.</param>
    /// <returns>Bytes written, or -1 when the result would be longer; the destination then holds rubbish.</returns>
    int TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, int level);

    /// <summary>Decompresses to exactly the stated length; never writes beyond it, whatever the source says.</summary>
    /// <param name="source">The compressed bytes, from a peer.</param>
    /// <param name="destination">As long as the raw bytes are said to be.</param>
    /// <exception cref="InvalidDataException">The source is damaged, or is not that long when raw.</exception>
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
/// <param name="Level">As the codec takes it.</param>
/// <param name="BytesPerSecond">Raw bytes a second on one core, until measured.</param>
/// <param name="RelativeSize">Size of its result compared with the fastest level's, until measured.</param>
internal readonly record struct CodecLevel(int Level, double BytesPerSecond, double RelativeSize);
