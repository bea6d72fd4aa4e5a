using System.Buffers.Binary;
using System.IO.Compression;

namespace P2PCopy.Session.Messages;

/// <summary>A control record: number, form and JSON, compressed if that makes it shorter, and padding (docs/protocol.md §6).</summary>
internal static class ControlEnvelope
{
    /// <summary>The longest JSON: a page of 1 MiB and its envelope.</summary>
    public const int MaxMessageLength = (1 << 20) + (64 << 10);

    /// <summary>
    /// Bytes that a message in a queue counts in addition to its own, about those of the objects that hold it. Without them the
    /// shortest messages would take fifty times the memory that the limit of a queue allows.
    /// </summary>
    public const int QueueOverhead = 64;

    private const int HeaderLength = 17;
    private const int CompressAbove = 4096;
    private const byte Plain = 0;
    private const byte Gzip = 1;

    /// <summary>The whole record, its type first.</summary>
    public static byte[] Encode(long number, ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfZero(message.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MaxMessageLength);
        ReadOnlySpan<byte> payload = message;
        byte form = Plain;
        if (message.Length > CompressAbove)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(message);
            if (packed.Length < message.Length)
            {
                payload = packed.GetBuffer().AsSpan(0, (int)packed.Length);
                form = Gzip;
            }
        }

        byte[] record = new byte[1 + HeaderLength + LengthClass.OfControl(payload.Length)];
        record[0] = (byte)RecordType.Control;
        BinaryPrimitives.WriteInt64BigEndian(record.AsSpan(1), number);
        record[9] = form;
        BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(10), message.Length);
        BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(14), payload.Length);
        payload.CopyTo(record.AsSpan(1 + HeaderLength));
        return record;
    }

    /// <summary>Uses no more memory than the stated length, which is checked first.</summary>
    /// <exception cref="P2PException">It is not a control record.</exception>
    public static (long Number, byte[] Message) Decode(ReadOnlySpan<byte> body)
    {
        if (body.Length < HeaderLength)
            throw ProtocolErrors.Malformed($"a control record of {body.Length} bytes");
        long number = BinaryPrimitives.ReadInt64BigEndian(body);
        byte form = body[8];
        int length = BinaryPrimitives.ReadInt32BigEndian(body[9..]);
        int payloadLength = BinaryPrimitives.ReadInt32BigEndian(body[13..]);
        if (number < 0 || length is < 1 or > MaxMessageLength || payloadLength < 0 || payloadLength > body.Length - HeaderLength)
            throw ProtocolErrors.Malformed("an invalid control record");
        ReadOnlySpan<byte> payload = body.Slice(HeaderLength, payloadLength);
        return form switch
        {
            Plain when payload.Length == length => (number, payload.ToArray()),
            Gzip when payload.Length < length => (number, Unpack(payload, length)),
            _ => throw ProtocolErrors.Malformed($"a control record of {length} bytes in form {form} and {payload.Length} bytes"),
        };
    }

    private static byte[] Unpack(ReadOnlySpan<byte> payload, int length)
    {
        // The last four bytes of gzip repeat the length (RFC 1952, ISIZE). GZipStream does not check them.
        if (payload.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(payload[^sizeof(uint)..]) != length)
            throw ProtocolErrors.Malformed("a control record that unpacks to another length than it says");

        byte[] message = GC.AllocateUninitializedArray<byte>(length);
        try
        {
            using var gzip = new GZipStream(new MemoryStream(payload.ToArray(), writable: false), CompressionMode.Decompress);
            gzip.ReadExactly(message);
            if (gzip.ReadByte() >= 0)
                throw ProtocolErrors.Malformed("a control record longer than it says");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw ProtocolErrors.Malformed("a control record that cannot be unpacked", e);
        }

        return message;
    }
}
