using System.Text;

namespace P2PCopy.Session.Messages;

/// <summary>Why a side ends the session (docs/protocol.md §6).</summary>
internal static class AbortRecord
{
    /// <summary>The whole record, its type first.</summary>
    public static byte[] Encode(P2PErrorCode code, string message)
    {
        byte[] name = Encoding.ASCII.GetBytes(code.ToString());
        string sentence = message.Length > PeerReason.MaxSentenceLength ? message[..PeerReason.MaxSentenceLength] : message;
        return [(byte)RecordType.Abort, (byte)name.Length, .. name, .. Encoding.UTF8.GetBytes(sentence)];
    }

    /// <summary>Reads a record leniently, because the session is over. An unknown code is <see cref="P2PErrorCode.Failure"/>.</summary>
    public static (P2PErrorCode Code, string Message) Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || body.Length < 1 + body[0])
            return (P2PErrorCode.Failure, "no reason was given.");
        string name = Encoding.ASCII.GetString(body.Slice(1, body[0]));
        return (PeerReason.Code(name), PeerReason.Sentence(Encoding.UTF8.GetString(body[(1 + body[0])..])));
    }
}
