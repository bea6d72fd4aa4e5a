using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;

namespace P2PCopy.Relay.Frames;

/// <summary>The layout of the frames of a server, which are not masked (RFC 6455, section 5.2).</summary>
internal static class FrameFormat
{
    public const int Continuation = 0;
    public const int Text = 1;
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    public const int Final = 0x80;
    public const int MaxControlPayload = 125;

    /// <summary>Maximum length of the header of a client's frame.</summary>
    public const int MaxClientHeader = 14;

    /// <summary>Length of the header of a server's frame.</summary>
    public static int HeaderLength(int payload) => payload <= 125 ? 2 : payload <= ushort.MaxValue ? 4 : 10;

    /// <summary>Writes a header and returns its length.</summary>
    public static int WriteHeader(Span<byte> to, int opcode, bool final, int payload)
    {
        to[0] = (byte)(opcode | (final ? Final : 0));
        switch (HeaderLength(payload))
        {
            case 2:
                to[1] = (byte)payload;
                return 2;
            case 4:
                to[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)payload);
                return 4;
            default:
                to[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(to[2..], (ulong)payload);
                return 10;
        }
    }

    /// <summary>A whole frame with a short payload.</summary>
    public static byte[] Frame(int opcode, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[HeaderLength(payload.Length) + payload.Length];
        payload.CopyTo(frame.AsSpan(WriteHeader(frame, opcode, true, payload.Length)));
        return frame;
    }

    /// <summary>A close frame; a reason that is too long is cut.</summary>
    public static byte[] CloseFrame(WebSocketCloseStatus status, string reason)
    {
        Span<byte> payload = stackalloc byte[MaxControlPayload];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)status);
        Encoding.ASCII.GetBytes(reason.AsSpan(0, Math.Min(reason.Length, MaxControlPayload - 2)), payload[2..]);
        return Frame(Close, payload[..(2 + Math.Min(reason.Length, MaxControlPayload - 2))]);
    }
}
