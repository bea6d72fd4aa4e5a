namespace P2PCopy.Compression;

/// <summary>The codecs that this process has.</summary>
internal static class ChunkCodecs
{
    /// <summary>Best first; gzip is always among them. There is one zstd: that of libzstd, or else that of ZstdSharp.</summary>
    public static IReadOnlyList<IChunkCodec> Available { get; } = ChooseZstd() is { } zstd ? [zstd, new GzipCodec()] : [new GzipCodec()];

    /// <summary>The codec of an id, or null when it is raw or not available here.</summary>
    public static IChunkCodec? Find(CodecId id)
    {
        foreach (IChunkCodec codec in Available)
        {
            if (codec.Id == id)
                return codec;
        }

        return null;
    }

    /// <summary>The best that both sides have: the first of ours that a peer names too.</summary>
    public static IChunkCodec? Common(IReadOnlyCollection<string> peer)
    {
        foreach (IChunkCodec codec in Available)
        {
            if (peer.Contains(codec.Name))
                return codec;
        }

        return null;
    }

    /// <summary>For people: the codec, and which implementation runs here.</summary>
    public static string Describe(CompressionCodec codec)
        => Find(codec == CompressionCodec.Zstd ? CodecId.Zstd : CodecId.Gzip)?.Description ?? codec.ToString();

    private static IChunkCodec? ChooseZstd() => NativeZstd.TryCreate() is { } native ? native : ManagedZstd.TryCreate();
}
