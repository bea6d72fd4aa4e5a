namespace P2PCopy;

/// <summary>A compression codec.</summary>
public enum CompressionCodec
{
    /// <summary>Zstandard (RFC 8878).</summary>
    Zstd,

    /// <summary>gzip (RFC 1952); both sides always have it.</summary>
    Gzip,
}
