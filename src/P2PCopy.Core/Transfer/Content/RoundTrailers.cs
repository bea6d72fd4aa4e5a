using System.Security.Cryptography;

namespace P2PCopy.Transfer.Content;

/// <summary>Writes and checks the trailers of one round.</summary>
/// <param name="Round">The number of the round.</param>
/// <param name="Hash">Trailers have the SHA-256 of the file.</param>
/// <param name="Key">The key of trailers.</param>
internal sealed record RoundTrailers(int Round, bool Hash, ReadOnlyMemory<byte> Key)
{
    /// <summary>Begins the digest of a file of this length, which is -1 if unknown; null without hash.</summary>
    public FileDigest? StartDigest(long length) => Hash ? new FileDigest(length) : null;

    /// <summary>Begins the digest of a file that is hashed together with its blocks; null without hash.</summary>
    public IncrementalHash? StartHash() => Hash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;

    /// <summary>Writes the trailer of a file.</summary>
    /// <param name="destination">At least <see cref="Trailer.Length"/> bytes.</param>
    /// <param name="index">Number of the entry in the round.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="digest">SHA-256 of the file; null without hash and for a file that failed.</param>
    /// <param name="hasFailed">The file could not be read to its end.</param>
    public void Write(Span<byte> destination, long index, long length, byte[]? digest, bool hasFailed)
    {
        byte status = hasFailed ? Trailer.Failed : Hash ? Trailer.Good : Trailer.GoodWithoutHash;
        Trailer.Write(destination, Key.Span, Round, index, status, length, digest ?? Trailer.NoDigest);
    }

    /// <summary>Whether a trailer belongs to this content.</summary>
    /// <param name="trailer">The trailer that arrived.</param>
    /// <param name="index">Number of the entry in the round.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="digest">SHA-256 of what arrived; null if the trailer has none.</param>
    public bool Matches(ReadOnlySpan<byte> trailer, long index, long length, byte[]? digest)
        => Trailer.Matches(trailer, Key.Span, Round, index, length, digest ?? Trailer.NoDigest);
}
