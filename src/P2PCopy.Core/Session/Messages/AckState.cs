using System.Buffers.Binary;

namespace P2PCopy.Session.Messages;

/// <summary>What one side has, as an ack tells it (docs/protocol.md §6): a state, so a later one replaces an earlier.</summary>
/// <param name="NextControl">The control message wanted next.</param>
/// <param name="NextChunk">All chunks below are written.</param>
/// <param name="Beyond">Chunks above that are written too; ascending, apart from each other.</param>
internal sealed record AckState(long NextControl, long NextChunk, ChunkRange[] Beyond)
{
    /// <summary>The most ranges an ack names; a window never needs as many.</summary>
    public const int MaxRanges = 1024;

    private const int FixedLength = 18;
    private const int RangeLength = 12;

    /// <summary>True when the chunk is written.</summary>
    public bool Covers(long number)
    {
        if (number < NextChunk)
            return true;
        foreach (ChunkRange range in Beyond)
        {
            if (number >= range.First && number - range.First < range.Count)
                return true;
        }

        return false;
    }

    /// <summary>The whole record, its type first.</summary>
    public byte[] Encode()
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Beyond.Length, MaxRanges);
        byte[] record = new byte[1 + FixedLength + (Beyond.Length * RangeLength)];
        record[0] = (byte)RecordType.Ack;
        Span<byte> body = record.AsSpan(1);
        BinaryPrimitives.WriteInt64BigEndian(body, NextControl);
        BinaryPrimitives.WriteInt64BigEndian(body[8..], NextChunk);
        BinaryPrimitives.WriteUInt16BigEndian(body[16..], (ushort)Beyond.Length);
        for (int i = 0; i < Beyond.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(body[(FixedLength + (i * RangeLength))..], Beyond[i].First);
            BinaryPrimitives.WriteUInt32BigEndian(body[(FixedLength + (i * RangeLength) + 8)..], Beyond[i].Count);
        }

        return record;
    }

    /// <exception cref="P2PException">It is no ack.</exception>
    public static AckState Parse(ReadOnlySpan<byte> body)
    {
        if (body.Length < FixedLength)
            throw ProtocolErrors.Malformed($"an ack of {body.Length} bytes");
        long nextControl = BinaryPrimitives.ReadInt64BigEndian(body);
        long nextChunk = BinaryPrimitives.ReadInt64BigEndian(body[8..]);
        int count = BinaryPrimitives.ReadUInt16BigEndian(body[16..]);
        if (nextControl < 0 || nextChunk < 0 || count > MaxRanges || body.Length != FixedLength + (count * RangeLength))
            throw ProtocolErrors.Malformed("an ack that makes no sense");
        var beyond = new ChunkRange[count];
        long end = nextChunk;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> range = body[(FixedLength + (i * RangeLength))..];
            beyond[i] = new ChunkRange(BinaryPrimitives.ReadInt64BigEndian(range), BinaryPrimitives.ReadUInt32BigEndian(range[8..]));
            if (beyond[i].First <= end || beyond[i].Count == 0 || beyond[i].First > long.MaxValue - beyond[i].Count)
                throw ProtocolErrors.Malformed("an ack whose ranges are not ascending");
            end = beyond[i].First + beyond[i].Count;
        }

        return new AckState(nextControl, nextChunk, beyond);
    }
}

/// <summary>Chunks with consecutive numbers.</summary>
internal readonly record struct ChunkRange(long First, uint Count);
