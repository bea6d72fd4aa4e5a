using System.Buffers.Binary;
using System.Security.Cryptography;
using static P2PCopy.Session.Crypto.RecordFormat;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// The state that both ends of one direction of one connection count in the same way: the epoch and its key, the sealed
/// records, and the plain chunks with their checksum. It is not transmitted, so a lost, repeated or reordered record does
/// not open.
/// </summary>
internal sealed class RecordCipher : IDisposable
{
    private const int NonceLength = 12;
    private const int AssociatedDataLength = 13;

    private readonly RecordKeys _keys;
    private readonly long _epochLength;
    private AesGcm _cipher;
    private int _epoch;
    private long _epochBytes;
    private ulong _counter;
    private ulong _plainRecords;
    private uint _plainChecksum;

    public RecordCipher(RecordKeys keys, long epochLength)
    {
        _keys = keys;
        _epochLength = epochLength;
        _cipher = NewCipher();
    }

    /// <summary>Encrypts the next record; in place if both texts are the same memory.</summary>
    public void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Span<byte> associatedData = stackalloc byte[AssociatedDataLength];
        Next(plaintext.Length, nonce, associatedData);
        _cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
    }

    /// <summary>Decrypts the next record in place.</summary>
    /// <exception cref="AuthenticationTagMismatchException">It is not the next record.</exception>
    public void Decrypt(Span<byte> text, ReadOnlySpan<byte> tag)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        Span<byte> associatedData = stackalloc byte[AssociatedDataLength];
        Next(text.Length, nonce, associatedData);
        _cipher.Decrypt(nonce, text, tag, text, associatedData);
    }

    /// <summary>Counts a plain message; the next sealed record authenticates its checksum.</summary>
    public void CountPlain(ReadOnlySpan<byte> message)
    {
        _plainRecords++;
        _plainChecksum = Crc32C.Append(_plainChecksum, message);
    }

    public void Dispose() => _cipher.Dispose();

    private void Next(int length, Span<byte> nonce, Span<byte> associatedData)
    {
        if (_epochBytes >= _epochLength)
            BeginEpoch();
        _epochBytes += length;

        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], _counter++);

        associatedData[0] = SealedMarker;
        BinaryPrimitives.WriteUInt64BigEndian(associatedData[1..], _plainRecords);
        BinaryPrimitives.WriteUInt32BigEndian(associatedData[9..], _plainChecksum);
    }

    private void BeginEpoch()
    {
        _epoch = checked(_epoch + 1);
        _epochBytes = 0;
        _counter = 0;
        _cipher.Dispose();
        _cipher = NewCipher();
    }

    private AesGcm NewCipher()
    {
        byte[] key = _keys.ForEpoch(_epoch);
        var cipher = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }
}
