using System.Buffers.Binary;
using System.Net.WebSockets;

namespace P2PCopy.Relay.Frames;

/// <summary>The result of a decoding step.</summary>
internal enum FrameEvent
{
    /// <summary>All bytes are decoded, or the rest is an incomplete header.</summary>
    NeedMore,

    /// <summary>A message ended, and the caller asked to stop there.</summary>
    MessageEnd,

    /// <summary>A ping; its payload is in <see cref="FrameDecoder.ControlPayload"/>.</summary>
    Ping,

    /// <summary>A pong.</summary>
    Pong,

    /// <summary>A close frame; its payload is in <see cref="FrameDecoder.ControlPayload"/>.</summary>
    Close,

    /// <summary>The client broke a rule; see <see cref="FrameDecoder.Problem"/>.</summary>
    Broken,
}

/// <summary>
/// Converts the bytes of a client into bytes for its partner, in the same buffer. It checks headers and writes new ones, unmasks
/// and moves payloads, and assembles nothing. An incomplete frame is forwarded as a fragment, so a control frame can always
/// follow. Not thread-safe: the read loop of one connection owns it.
/// </summary>
internal sealed class FrameDecoder(long maxMessageBytes)
{
    // State of the data frame that is being read.
    private long _remaining;
    private uint _key;
    private bool _final;
    private bool _inFrame;

    // State of the message that is being read: its length so far, and whether its first fragment was written.
    private bool _inMessage;
    private bool _started;
    private long _messageBytes;

    // The beginning of an incomplete header or control frame; allocated when first needed.
    private byte[]? _leftover;
    private int _leftoverLength;

    private byte[]? _control;
    private int _controlLength;

    /// <summary>Maximum number of bytes that are kept for the next read.</summary>
    public const int MaxLeftover = FrameFormat.MaxClientHeader + FrameFormat.MaxControlPayload;

    /// <summary>Whether the partner got the beginning of a message without its end.</summary>
    public bool IsInsideMessage => _started;

    /// <summary>Whether the input so far ends between two messages.</summary>
    public bool IsBetweenMessages => !_inMessage && _leftoverLength == 0;

    /// <summary>The payload of the last control frame.</summary>
    public ReadOnlySpan<byte> ControlPayload => _control.AsSpan(0, _controlLength);

    /// <summary>The rule that the client broke, and its close code.</summary>
    public (WebSocketCloseStatus Status, string Reason) Problem { get; private set; }

    /// <summary>Puts the rest of the last read before the new bytes, and returns where decoding begins.</summary>
    public int Prepend(Span<byte> buffer, int newBytesAt)
    {
        int start = newBytesAt - _leftoverLength;
        _leftover.AsSpan(0, _leftoverLength).CopyTo(buffer[start..]);
        _leftoverLength = 0;
        return start;
    }

    /// <summary>Decodes the next bytes.</summary>
    /// <param name="buffer">Input between <paramref name="read"/> and <paramref name="end"/>; output from 0.</param>
    /// <param name="read">Where the input begins, at least 10; advanced.</param>
    /// <param name="end">Where the input ends.</param>
    /// <param name="written">Where the output continues; never beyond <paramref name="read"/> - 10 for a frame in progress.</param>
    /// <param name="allowData">Whether the client may send messages.</param>
    /// <param name="stopAtMessageEnd">Return at the end of a message.</param>
    public FrameEvent Decode(Span<byte> buffer, ref int read, int end, ref int written, bool allowData, bool stopAtMessageEnd)
    {
        while (true)
        {
            if (!_inFrame)
            {
                FrameEvent? happened = ReadHeader(buffer, ref read, end, allowData);
                if (happened is not null)
                    return happened.Value;
            }

            bool ended = CopyPayload(buffer, ref read, end, ref written);
            if (ended && stopAtMessageEnd)
                return FrameEvent.MessageEnd;
            if (_inFrame)
                return FrameEvent.NeedMore;
        }
    }

    // Returns whether the message ended.
    private bool CopyPayload(Span<byte> buffer, ref int read, int end, ref int written)
    {
        int here = (int)Math.Min(_remaining, end - read);
        bool frameEnds = here == _remaining;
        bool messageEnds = frameEnds && _final;
        if (here > 0 || messageEnds)
        {
            int header = FrameFormat.WriteHeader(buffer[written..], _started ? FrameFormat.Continuation : FrameFormat.Binary, messageEnds, here);
            _key = FrameMask.Unmask(buffer.Slice(read, here), buffer.Slice(written + header, here), _key);
            read += here;
            written += header + here;
            _remaining -= here;
            _started = !messageEnds;
        }

        _inFrame = !frameEnds;
        if (messageEnds)
        {
            _inMessage = false;
            _messageBytes = 0;
        }

        return messageEnds;
    }

    // Returns null when a data frame has begun.
    private FrameEvent? ReadHeader(ReadOnlySpan<byte> buffer, ref int read, int end, bool allowData)
    {
        ReadOnlySpan<byte> input = buffer[read..end];
        if (input.Length < 2)
            return Leave(input, ref read);

        int first = input[0];
        int opcode = first & 0x0F;
        bool final = (first & FrameFormat.Final) != 0;
        if ((first & 0x70) != 0)
            return Break(WebSocketCloseStatus.ProtocolError, "A frame has reserved bits set; the relay agreed to no extension.");
        if ((input[1] & 0x80) == 0)
            return Break(WebSocketCloseStatus.ProtocolError, "A frame is not masked.");

        int shortLength = input[1] & 0x7F;
        bool control = opcode >= FrameFormat.Close;
        if (control ? opcode > FrameFormat.Pong : opcode > FrameFormat.Binary)
            return Break(WebSocketCloseStatus.ProtocolError, "A frame has an unknown opcode.");
        if (control && (!final || shortLength > FrameFormat.MaxControlPayload))
            return Break(WebSocketCloseStatus.ProtocolError, "A control frame is fragmented or too long.");
        if (!control && RuleForData(opcode, allowData) is { } rule)
            return Break(rule.Status, rule.Reason);

        int lengthBytes = shortLength switch { 126 => 2, 127 => 8, _ => 0 };
        int headerLength = 2 + lengthBytes + 4;
        if (input.Length < (control ? headerLength + shortLength : headerLength))
            return Leave(input, ref read);

        ulong length = lengthBytes switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(input[2..]),
            8 => BinaryPrimitives.ReadUInt64BigEndian(input[2..]),
            _ => (ulong)shortLength,
        };
        if ((lengthBytes == 2 && length < 126) || (lengthBytes == 8 && (length <= ushort.MaxValue || length > long.MaxValue)))
            return Break(WebSocketCloseStatus.ProtocolError, "The length of a frame is not written in its shortest form.");

        _key = BinaryPrimitives.ReadUInt32LittleEndian(input[(2 + lengthBytes)..]);
        read += headerLength;
        return control
            ? TakeControl(opcode, input.Slice(headerLength, shortLength), ref read)
            : TakeData(final, (long)length);
    }

    private (WebSocketCloseStatus Status, string Reason)? RuleForData(int opcode, bool allowData)
    {
        if (opcode == FrameFormat.Text)
            return (WebSocketCloseStatus.PolicyViolation, "Only the relay may send text messages.");
        if (!allowData)
            return (WebSocketCloseStatus.PolicyViolation, "Data was sent before the pair was complete.");
        if (opcode == FrameFormat.Binary && _inMessage)
            return (WebSocketCloseStatus.ProtocolError, "A message begins inside another one.");
        if (opcode == FrameFormat.Continuation && !_inMessage)
            return (WebSocketCloseStatus.ProtocolError, "A continuation has no message to continue.");
        return null;
    }

    private FrameEvent? TakeData(bool final, long length)
    {
        if (length > maxMessageBytes - _messageBytes)
            return Break(WebSocketCloseStatus.MessageTooBig, $"A message is longer than {maxMessageBytes} bytes; use a smaller `ChunkSize` or another relay.");
        _inMessage = true;
        _messageBytes += length;
        _remaining = length;
        _final = final;
        _inFrame = true;
        return null;
    }

    private FrameEvent TakeControl(int opcode, ReadOnlySpan<byte> payload, ref int read)
    {
        _control ??= new byte[FrameFormat.MaxControlPayload];
        FrameMask.Unmask(payload, _control, _key);
        _controlLength = payload.Length;
        read += payload.Length;
        return opcode switch
        {
            FrameFormat.Ping => FrameEvent.Ping,
            FrameFormat.Pong => FrameEvent.Pong,
            _ => IsGoodClose(ControlPayload) ? FrameEvent.Close : Break(WebSocketCloseStatus.ProtocolError, "A close frame has a bad code or reason."),
        };
    }

    // RFC 6455, sections 5.5.1 and 7.4.
    private static bool IsGoodClose(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == 0)
            return true;
        if (payload.Length == 1)
            return false;
        int code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        bool known = code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
        return known && System.Text.Unicode.Utf8.IsValid(payload[2..]);
    }

    private FrameEvent Leave(ReadOnlySpan<byte> rest, ref int read)
    {
        if (rest.Length > 0)
        {
            _leftover ??= new byte[MaxLeftover];
            rest.CopyTo(_leftover);
        }

        _leftoverLength = rest.Length;
        read += rest.Length;
        return FrameEvent.NeedMore;
    }

    private FrameEvent Break(WebSocketCloseStatus status, string reason)
    {
        Problem = (status, reason);
        return FrameEvent.Broken;
    }
}
