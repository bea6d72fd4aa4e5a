namespace P2PCopy.Session.Crypto;

/// <summary>The layout of a message that holds a record (docs/protocol.md §6).</summary>
internal static class RecordFormat
{
    /// <summary>Bytes before the plaintext in a buffer: the marker.</summary>
    public const int PrefixLength = 1;

    /// <summary>Bytes after the plaintext in a buffer: the tag.</summary>
    public const int TagLength = 16;

    /// <summary>Bytes that a message adds to its plaintext (type and body).</summary>
    public const int Overhead = PrefixLength + TagLength;

    /// <summary>Sealed plaintext bytes in one direction after which a new key is used.</summary>
    public const long EpochLength = 64L << 30;

    /// <summary>The first byte of a sealed record.</summary>
    public const byte SealedMarker = 0;

    /// <summary>The first byte of a plain chunk.</summary>
    public const byte PlainMarker = 1;
}
