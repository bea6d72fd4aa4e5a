using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace P2PCopy.Files.Delta;

/// <summary>
/// The 128-bit digest of blocks: GMAC (NIST SP 800-38D) under a key that both sides share and nobody else knows. It is
/// a universal hash: two different blocks collide with a chance of 2^-100 whoever made them, and it is many times
/// faster than SHA-256. Longer blocks are the GMAC over the GMACs of their 64 KiB pieces, so that memory is bounded.
/// </summary>
/// <remarks>Not thread-safe. The fixed nonces are right here: nobody without the key ever sees a digest.</remarks>
internal sealed class BlockDigest : IDisposable
{
    /// <summary>Bytes of the key.</summary>
    public const int KeyLength = 32;

    private const int Piece = 64 * 1024;
    private const int TagLength = 16;

    private static readonly byte[] PieceNonce = new byte[12];
    private static readonly byte[] BlockNonce = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

    private readonly AesGcm _aes;
    private readonly byte[] _carry = new byte[Piece];
    private readonly byte[] _tag = new byte[TagLength];
    private readonly List<byte> _tags = [];
    private int _carried;

    public BlockDigest(ReadOnlySpan<byte> key) => _aes = new AesGcm(key, TagLength);

    /// <summary>Adds bytes to the block.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_carried > 0)
        {
            int fill = Math.Min(Piece - _carried, bytes.Length);
            bytes[..fill].CopyTo(_carry.AsSpan(_carried));
            _carried += fill;
            bytes = bytes[fill..];
            if (_carried < Piece) return;
            AddPiece(_carry);
            _carried = 0;
        }

        for (; bytes.Length >= Piece; bytes = bytes[Piece..]) AddPiece(bytes[..Piece]);
        bytes.CopyTo(_carry);
        _carried = bytes.Length;
    }

    /// <summary>Ends the block with these bytes, gives its digest and begins the next.</summary>
    public UInt128 Finish(ReadOnlySpan<byte> last)
    {
        // A short block that lies whole in the caller's buffer, as most do, needs no copy.
        if (_tags.Count == 0 && _carried == 0 && last.Length <= Piece)
        {
            _aes.Encrypt(PieceNonce, default, default, _tag, last);
            return BinaryPrimitives.ReadUInt128BigEndian(_tag);
        }

        Append(last);
        if (_carried > 0) AddPiece(_carry.AsSpan(0, _carried));
        if (_tags.Count > TagLength) _aes.Encrypt(BlockNonce, default, default, _tag, CollectionsMarshal.AsSpan(_tags));
        _tags.Clear();
        _carried = 0;
        return BinaryPrimitives.ReadUInt128BigEndian(_tag);
    }

    /// <inheritdoc/>
    public void Dispose() => _aes.Dispose();

    private void AddPiece(ReadOnlySpan<byte> piece)
    {
        _aes.Encrypt(PieceNonce, default, default, _tag, piece);
        _tags.AddRange(_tag);
    }
}
