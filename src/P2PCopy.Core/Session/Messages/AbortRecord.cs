using System.Text;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Messages;

/// <summary>Why a side ends the session (docs/protocol.md §6).</summary>
internal static class AbortRecord
{
    private const int MaxSentenceLength = 1024;

    /// <summary>The whole record, its type first.</summary>
    public static byte[] Encode(P2PErrorCode code, string message)
    {
        byte[] name = Encoding.ASCII.GetBytes(code.ToString());
        string sentence = message.Length > MaxSentenceLength ? message[..MaxSentenceLength] : message;
        return [(byte)RecordType.Abort, (byte)name.Length, .. name, .. Encoding.UTF8.GetBytes(sentence)];
    }

    /// <summary>Reads one leniently: the session is over anyway. An unknown code is <see cref="P2PErrorCode.Failure"/>.</summary>
    public static (P2PErrorCode Code, string Message) Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || body.Length < 1 + body[0])
            return (P2PErrorCode.Failure, "no reason was given.");
        string name = Encoding.ASCII.GetString(body.Slice(1, body[0]));
        // A word only: TryParse would take a number, or several, as well.
        bool isWord = name.All(char.IsAsciiLetter);
        P2PErrorCode code = isWord && Enum.TryParse(name, out P2PErrorCode known) ? known : P2PErrorCode.Failure;
        return (code, VisibleText.Of(Encoding.UTF8.GetString(body[(1 + body[0])..]).Trim(), MaxSentenceLength));
    }
}
