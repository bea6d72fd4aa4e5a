using System.Buffers.Binary;
using System.Text;

namespace P2PCopy.Session.Messages;

/// <summary>The reason why a side ends the session (docs/protocol.md §6).</summary>
internal static class AbortRecord
{
    /// <summary>The whole record, its type first.</summary>
    public static byte[] Encode(P2PErrorCode code, string message)
    {
        byte[] name = Encoding.ASCII.GetBytes(code.ToString());
        string sentence = message.Length > PeerReason.MaxSentenceLength ? message[..PeerReason.MaxSentenceLength] : message;
        byte[] text = Encoding.UTF8.GetBytes(sentence);
        int used = 1 + name.Length + sizeof(ushort) + text.Length;
        byte[] record = new byte[1 + LengthClass.Of(used)];
        record[0] = (byte)RecordType.Abort;
        record[1] = (byte)name.Length;
        name.CopyTo(record, 2);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(2 + name.Length), (ushort)text.Length);
        text.CopyTo(record, 2 + name.Length + sizeof(ushort));
        return record;
    }

    /// <summary>Reads a record leniently, because the session is over. An unknown code is <see cref="P2PErrorCode.Failure"/>.</summary>
    public static (P2PErrorCode Code, string Message) Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || body.Length < 1 + body[0])
            return (P2PErrorCode.Failure, "no reason was given.");
        string name = Encoding.ASCII.GetString(body.Slice(1, body[0]));
        ReadOnlySpan<byte> rest = body[(1 + body[0])..];
        int length = rest.Length < sizeof(ushort) ? 0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
        ReadOnlySpan<byte> text = length == 0 ? [] : rest[sizeof(ushort)..];
        return (PeerReason.Code(name), PeerReason.Sentence(Encoding.UTF8.GetString(text[..Math.Min(length, text.Length)])));
    }
}
