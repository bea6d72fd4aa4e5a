using System.Security.Cryptography;
using P2PCopy.Session.Messages;
using static P2PCopy.Session.Crypto.RecordFormat;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// Opens the messages of one direction of one connection, in place and in the order of their arrival. After a message
/// that does not open, no further one opens. Not safe for several threads.
/// </summary>
/// <param name="keys">The keys of this direction.</param>
/// <param name="plainChunks">Whether both sides have agreed to unencrypted chunks.</param>
/// <param name="epochLength">Bytes of sealed plaintext in an epoch.</param>
internal sealed class RecordOpener(RecordKeys keys, bool plainChunks, long epochLength = EpochLength) : IDisposable
{
    private readonly RecordCipher _cipher = new(keys, epochLength);
    private bool _broken;

    /// <summary>Opens a message.</summary>
    /// <param name="message">The whole message; afterwards its plaintext begins at index 1.</param>
    /// <returns>Bytes of plaintext (type ‖ body), at least 1.</returns>
    /// <exception cref="RecordException">It is not the next record of this connection.</exception>
    public int Open(Span<byte> message)
    {
        if (_broken)
            throw new RecordException(RecordFault.Broken, "A record arrived after one that did not open.");
        _broken = true;
        if (message.Length < PrefixLength + 1)
            throw TooShort(message.Length);
        int length = message[0] switch
        {
            SealedMarker => OpenSealed(message),
            PlainMarker => AcceptPlain(message),
            byte marker => throw new RecordException(
                RecordFault.UnknownMarker, $"A message begins with the byte {marker}, which is not a known kind of record."),
        };
        _broken = false;
        return length;
    }

    /// <summary>Clears the keys.</summary>
    public void Dispose() => _cipher.Dispose();

    private int OpenSealed(Span<byte> message)
    {
        int length = message.Length - Overhead;
        if (length < 1)
            throw TooShort(message.Length);
        try
        {
            _cipher.Decrypt(message.Slice(PrefixLength, length), message[^TagLength..]);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new RecordException(
                RecordFault.NotAuthentic,
                "A record did not open: it or an earlier one was altered, lost, repeated or reordered in transit.",
                e);
        }

        return length;
    }

    private int AcceptPlain(Span<byte> message)
    {
        if (!plainChunks)
            throw new RecordException(RecordFault.PlainRefused, "An unencrypted chunk arrived in an encrypted session.");
        if (message[PrefixLength] != (byte)RecordType.Chunk)
            throw new RecordException(RecordFault.PlainRefused, "An unencrypted record that is not a chunk arrived.");
        _cipher.CountPlain(message);
        return message.Length - PrefixLength;
    }

    private static RecordException TooShort(int length)
        => new(RecordFault.TooShort, $"A message of {length} bytes is too short for a record.");
}
