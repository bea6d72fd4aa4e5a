using System.Buffers.Binary;
using System.Security.Cryptography;

namespace P2PCopy.Files.Delta;

/// <summary>
/// The digest of a block: the first 128 bits of SHA-256(key ‖ block). It shows nothing of the content. The key of the session
/// prevents that colliding blocks are prepared before the session.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BlockDigest : IDisposable
{
    /// <summary>Bytes of the key.</summary>
    public const int KeyLength = 32;

    /// <summary>Bytes of a digest.</summary>
    public const int Length = 16;

    private readonly byte[] _key;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool _isBegun;

    public BlockDigest(ReadOnlySpan<byte> key) => _key = key.ToArray();

    /// <summary>Adds bytes to the block.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (!_isBegun)
            _hash.AppendData(_key);
        _isBegun = true;
        _hash.AppendData(bytes);
    }

    /// <summary>Ends the block, returns its digest and begins the next block.</summary>
    public UInt128 Finish()
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(digest);
        _isBegun = false;
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    public void Dispose()
    {
        _hash.Dispose();
        CryptographicOperations.ZeroMemory(_key);
    }
}
