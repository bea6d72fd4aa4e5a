using System.Buffers.Binary;
using System.Security.Cryptography;

namespace P2PCopy.Transfer.Content;

/// <summary>
/// The 33 bytes after the content of a file: a status and a tag over the file's place, length and SHA-256 (docs/protocol.md §7). The
/// tag is keyed, because chunk payloads may be unencrypted.
/// </summary>
internal static class Trailer
{
    public const int Length = 1 + HMACSHA256.HashSizeInBytes;

    public const byte Good = 0;
    public const byte Failed = 1;
    public const byte GoodWithoutHash = 2;

    /// <summary>Digest of a failed file and of one without hash.</summary>
    public static ReadOnlySpan<byte> NoDigest => new byte[SHA256.HashSizeInBytes];

    /// <summary>Writes the trailer of an entry.</summary>
    public static void Write(Span<byte> destination, ReadOnlySpan<byte> key, int round, long index, byte status, long length, ReadOnlySpan<byte> digest)
    {
        destination[0] = status;
        // lv_cat(round, index, status, length, digest): every part is shorter than 128 bytes, so its length is one byte.
        Span<byte> message = stackalloc byte[5 + 4 + 8 + 1 + 8 + SHA256.HashSizeInBytes];
        message[0] = 4;
        BinaryPrimitives.WriteInt32BigEndian(message[1..], round);
        message[5] = 8;
        BinaryPrimitives.WriteInt64BigEndian(message[6..], index);
        message[14] = 1;
        message[15] = status;
        message[16] = 8;
        BinaryPrimitives.WriteInt64BigEndian(message[17..], length);
        message[25] = SHA256.HashSizeInBytes;
        digest.CopyTo(message[26..]);
        HMACSHA256.HashData(key, message, destination[1..Length]);
    }

    /// <summary>Whether the trailer belongs to this content.</summary>
    public static bool Matches(ReadOnlySpan<byte> trailer, ReadOnlySpan<byte> key, int round, long index, long length, ReadOnlySpan<byte> digest)
    {
        Span<byte> expected = stackalloc byte[Length];
        Write(expected, key, round, index, trailer[0], length, digest);
        return CryptographicOperations.FixedTimeEquals(expected, trailer);
    }
}
