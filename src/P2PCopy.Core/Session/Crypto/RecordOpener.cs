using System.Security.Cryptography;
using P2PCopy.Session.Messages;
using static P2PCopy.Session.Crypto.RecordFormat;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// Turns the messages of one direction of one connection back into records, in place and in the order of their arrival.
/// After one that does not open nothing opens any more. Not for use by two threads at once.
/// </summary>
/// <param name="keys">The keys of this direction.</param>
/// <param name="plainChunks">Whether both sides have agreed that chunks travel in clear.</param>
/// <param name="epochLength">Bytes of sealed plaintext in an epoch.</param>
internal sealed class RecordOpener(RecordKeys keys, bool plainChunks, long epochLength = EpochLength) : IDisposable
{
    private readonly RecordCipher _cipher = new(keys, epochLength);
    private bool _broken;

    /// <summary>Opens a message.</summary>
    /// <param name="message">The whole message; afterwards its plaintext begins at index 1.</param>
    /// <returns>Bytes of plaintext (type ‖ body), at least 1.</returns>
    /// <exception cref="RecordException">It is no record of this connection.</exception>
    public int Open(Span<byte> message)
    {
        if (_broken) throw new RecordException(RecordFault.Broken, "A record came after one that did not open.");
        _broken = true;
        if (message.Length < PrefixLength + 1) throw TooShort(message.Length);
        int length = message[0] switch
        {
            SealedMarker => OpenSealed(message),
            PlainMarker => TakePlain(message),
            byte marker => throw new RecordException(
                RecordFault.UnknownMarker, $"A message begins with the byte {marker}, which is no kind of record."),
        };
        _broken = false;
        return length;
    }

    /// <summary>Forgets the keys.</summary>
    public void Dispose() => _cipher.Dispose();

    private int OpenSealed(Span<byte> message)
    {
        int length = message.Length - Overhead;
        if (length < 1) throw TooShort(message.Length);
        try
        {
            _cipher.Decrypt(message.Slice(PrefixLength, length), message[^TagLength..]);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new RecordException(
                RecordFault.NotAuthentic,
                "A record did not open: it, or one before it, was altered, lost, repeated or reordered on its way.",
                e);
        }

        return length;
    }

    private int TakePlain(Span<byte> message)
    {
        if (!plainChunks)
            throw new RecordException(RecordFault.PlainRefused, "A plain chunk came although the payload is encrypted.");
        if (message[PrefixLength] != (byte)RecordType.Chunk)
            throw new RecordException(RecordFault.PlainRefused, "A plain record came that is not a chunk.");
        _cipher.CountPlain(message);
        return message.Length - PrefixLength;
    }

    private static RecordException TooShort(int length)
        => new(RecordFault.TooShort, $"A message of {length} bytes is too short for a record.");
}
