using System.Buffers.Binary;

namespace P2PCopy.Session.Messages;

/// <summary>The body of a chunk record before its payload (docs/protocol.md §6).</summary>
/// <param name="Number">The chunk's number in the session.</param>
/// <param name="Codec">0 raw, 1 gzip, 2 zstd.</param>
/// <param name="IsLast">It ends a round of unknown length.</param>
/// <param name="RawLength">Bytes of the payload before compression; 1 to <see cref="MaxRawLength"/>.</param>
/// <param name="PayloadLength">Bytes of the payload; what follows it is padding.</param>
internal readonly record struct ChunkHeader(long Number, byte Codec, bool IsLast, int RawLength, int PayloadLength)
{
    /// <summary>Bytes of a header.</summary>
    public const int Length = 17;

    /// <summary>Raw bytes of the largest chunk.</summary>
    public const int MaxRawLength = 4 << 20;

    private const byte Raw = 0;
    private const byte HighestCodec = 2;
    private const byte CodecMask = 0x0F;
    private const byte LastFlag = 0x80;

    /// <summary>Reads the header of a chunk record and checks that the body has its payload.</summary>
    /// <exception cref="P2PException">It is not a chunk.</exception>
    public static ChunkHeader Parse(ReadOnlySpan<byte> body)
    {
        if (body.Length <= Length)
            throw ProtocolErrors.Malformed($"a chunk record of {body.Length} bytes");
        var header = new ChunkHeader(
            BinaryPrimitives.ReadInt64BigEndian(body),
            (byte)(body[8] & CodecMask),
            (body[8] & LastFlag) != 0,
            BinaryPrimitives.ReadInt32BigEndian(body[9..]),
            BinaryPrimitives.ReadInt32BigEndian(body[13..]));
        if (header.Number < 0 || header.RawLength is < 1 or > MaxRawLength || header.Codec > HighestCodec || (body[8] & ~(CodecMask | LastFlag)) != 0)
            throw ProtocolErrors.Malformed("an invalid chunk header");

        if (header.PayloadLength < 1 || header.PayloadLength > body.Length - Length
            || (header.Codec == Raw ? header.PayloadLength != header.RawLength : header.PayloadLength > header.RawLength))
        {
            throw ProtocolErrors.Malformed($"a chunk of {header.RawLength} bytes in a payload of {header.PayloadLength}");
        }

        return header;
    }

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, Number);
        destination[8] = (byte)(Codec | (IsLast ? LastFlag : 0));
        BinaryPrimitives.WriteInt32BigEndian(destination[9..], RawLength);
        BinaryPrimitives.WriteInt32BigEndian(destination[13..], PayloadLength);
    }
}
