using P2PCopy.Session.Messages;
using static P2PCopy.Session.Crypto.RecordFormat;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// Seals the records of one direction of one connection. This is the only type that seals records. Not safe for several threads.
/// The messages must be sent in the order in which they were sealed.
/// </summary>
/// <param name="keys">The keys of this direction.</param>
/// <param name="epochLength">Bytes of sealed plaintext in an epoch.</param>
internal sealed class RecordSealer(RecordKeys keys, long epochLength = EpochLength) : IDisposable
{
    private readonly RecordCipher _cipher = new(keys, epochLength);

    /// <summary>Seals the record in <paramref name="buffer"/>.</summary>
    /// <param name="buffer">One free byte, the plaintext (type ‖ body), 16 free bytes.</param>
    /// <param name="plaintextLength">Bytes of plaintext, at least 1.</param>
    /// <returns>Bytes of the message, from the beginning of the buffer.</returns>
    public int Seal(Span<byte> buffer, int plaintextLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(plaintextLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintextLength, buffer.Length - Overhead);
        return SealFrom(buffer.Slice(PrefixLength, plaintextLength), buffer);
    }

    /// <summary>Seals a copy of a record, which is not changed and may be sent again over another link.</summary>
    /// <param name="record">The plaintext (type ‖ body).</param>
    /// <param name="message">Space for the message: 17 bytes longer than the record.</param>
    /// <returns>Bytes of the message.</returns>
    public int SealFrom(ReadOnlySpan<byte> record, Span<byte> message)
    {
        message[0] = SealedMarker;
        _cipher.Encrypt(record, message.Slice(PrefixLength, record.Length), message.Slice(PrefixLength + record.Length, TagLength));
        return record.Length + Overhead;
    }

    /// <summary>Marks the chunk in <paramref name="buffer"/> as plain. The next sealed record authenticates its checksum.</summary>
    /// <inheritdoc cref="Seal"/>
    public int MarkPlain(Span<byte> buffer, int plaintextLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(plaintextLength, 1);
        if (buffer[PrefixLength] != (byte)RecordType.Chunk)
            throw new ArgumentException("Only a chunk may be sent unencrypted.", nameof(buffer));
        buffer[0] = PlainMarker;
        int length = PrefixLength + plaintextLength;
        _cipher.CountPlain(buffer[..length]);
        return length;
    }

    /// <summary>Clears the keys.</summary>
    public void Dispose() => _cipher.Dispose();
}
