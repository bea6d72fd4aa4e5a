namespace P2PCopy.Compression;

/// <summary>The codecs that this process has.</summary>
internal static class ChunkCodecs
{
    /// <summary>The codecs, the best first. zstd is that of libzstd, or else that of ZstdSharp; gzip always exists.</summary>
    public static IReadOnlyList<IChunkCodec> Available { get; } = ChooseZstd() is { } zstd ? [zstd, new GzipCodec()] : [new GzipCodec()];

    /// <summary>The codec of an id; null if the id is raw or the codec is not available.</summary>
    public static IChunkCodec? Find(CodecId id)
    {
        foreach (IChunkCodec codec in Available)
        {
            if (codec.Id == id)
                return codec;
        }

        return null;
    }

    /// <summary>The best codec that both sides have.</summary>
    public static IChunkCodec? Common(IReadOnlyCollection<string> peer)
    {
        foreach (IChunkCodec codec in Available)
        {
            if (peer.Contains(codec.Name))
                return codec;
        }

        return null;
    }

    /// <summary>The name of a codec for people, with the implementation of this process.</summary>
    public static string Describe(CompressionCodec codec)
        => Find(codec == CompressionCodec.Zstd ? CodecId.Zstd : CodecId.Gzip)?.Description ?? codec.ToString();

    private static IChunkCodec? ChooseZstd() => NativeZstd.TryCreate() is { } native ? native : ManagedZstd.TryCreate();
}
