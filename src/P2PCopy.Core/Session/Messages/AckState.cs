using System.Buffers.Binary;

namespace P2PCopy.Session.Messages;

/// <summary>The chunks and control messages that have arrived (docs/protocol.md §6). Each ack has the whole state, so a lost ack is replaced by the next one.</summary>
/// <param name="NextControl">The next expected control message.</param>
/// <param name="NextChunk">All chunks below are written.</param>
/// <param name="Arrived">Chunks from there on that have arrived; ascending, with a gap between ranges.</param>
internal sealed record AckState(long NextControl, long NextChunk, ChunkRange[] Arrived)
{
    /// <summary>The largest number of ranges; no window needs so many.</summary>
    public const int MaxRanges = 1024;

    private const int FixedLength = 18;
    private const int RangeLength = 12;

    /// <summary>Whether the receiver has the chunk.</summary>
    public bool HasArrived(long number)
    {
        if (number < NextChunk)
            return true;
        foreach (ChunkRange range in Arrived)
        {
            if (number >= range.First && number - range.First < range.Count)
                return true;
        }

        return false;
    }

    /// <summary>The whole record, its type first.</summary>
    public byte[] Encode()
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Arrived.Length, MaxRanges);
        byte[] record = new byte[1 + FixedLength + (Arrived.Length * RangeLength)];
        record[0] = (byte)RecordType.Ack;
        Span<byte> body = record.AsSpan(1);
        BinaryPrimitives.WriteInt64BigEndian(body, NextControl);
        BinaryPrimitives.WriteInt64BigEndian(body[8..], NextChunk);
        BinaryPrimitives.WriteUInt16BigEndian(body[16..], (ushort)Arrived.Length);
        for (int i = 0; i < Arrived.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(body[(FixedLength + (i * RangeLength))..], Arrived[i].First);
            BinaryPrimitives.WriteUInt32BigEndian(body[(FixedLength + (i * RangeLength) + 8)..], Arrived[i].Count);
        }

        return record;
    }

    /// <exception cref="P2PException">It is not an ack.</exception>
    public static AckState Parse(ReadOnlySpan<byte> body)
    {
        if (body.Length < FixedLength)
            throw ProtocolErrors.Malformed($"an ack of {body.Length} bytes");
        long nextControl = BinaryPrimitives.ReadInt64BigEndian(body);
        long nextChunk = BinaryPrimitives.ReadInt64BigEndian(body[8..]);
        int count = BinaryPrimitives.ReadUInt16BigEndian(body[16..]);
        if (nextControl < 0 || nextChunk < 0 || count > MaxRanges || body.Length != FixedLength + (count * RangeLength))
            throw ProtocolErrors.Malformed("an invalid ack");
        var arrived = new ChunkRange[count];
        long end = nextChunk;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> range = body[(FixedLength + (i * RangeLength))..];
            arrived[i] = new ChunkRange(BinaryPrimitives.ReadInt64BigEndian(range), BinaryPrimitives.ReadUInt32BigEndian(range[8..]));
            if (arrived[i].First < end || (i > 0 && arrived[i].First == end) || arrived[i].Count == 0 || arrived[i].First > long.MaxValue - arrived[i].Count)
                throw ProtocolErrors.Malformed("an ack whose ranges are not ascending");
            end = arrived[i].First + arrived[i].Count;
        }

        return new AckState(nextControl, nextChunk, arrived);
    }
}

/// <summary>Chunks with consecutive numbers.</summary>
internal readonly record struct ChunkRange(long First, uint Count);
