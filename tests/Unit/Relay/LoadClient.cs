using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>
/// One pair of raw clients that costs little of its own: the sender writes the same masked message over and over, the
/// receiver counts payload and looks at nothing but frame headers. Many of them load a relay in another process.
/// </summary>
internal sealed class LoadClient : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    // Real clients do not share threads: so none of these may keep one.
    private const int TurnBytes = 128 * 1024;

    private readonly Socket _sender;
    private readonly Socket _receiver;
    private long _sent;
    private long _received;

    // Of the frame that is being received.
    private readonly byte[] _header = new byte[10];
    private int _headerLength;
    private long _left;

    private LoadClient(Socket sender, Socket receiver)
    {
        _sender = sender;
        _receiver = receiver;
    }

    /// <summary>Payload bytes that arrived.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Payload bytes of whole messages that were sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Joins a room from both sides.</summary>
    public static async Task<LoadClient> PairAsync(Uri relay, int number, CancellationToken cancellationToken)
    {
        string room = number.ToString("D22", System.Globalization.CultureInfo.InvariantCulture);
        Socket sender = await JoinAsync(relay, room, "send", cancellationToken);
        Socket receiver = await JoinAsync(relay, room, "receive", cancellationToken);
        await ReadHintAsync(sender, cancellationToken);
        return new LoadClient(sender, receiver);
    }

    /// <summary>Connects, upgrades and takes the first hint.</summary>
    public static async Task<Socket> JoinAsync(Uri relay, string room, string role, CancellationToken cancellationToken)
    {
        // Small buffers: what is measured is the relay, not how much the kernel can hold for thousands of sockets.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendBufferSize = 128 * 1024, ReceiveBufferSize = 128 * 1024 };
        await socket.ConnectAsync(IPAddress.Loopback, relay.Port, cancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes(RawClient.JoinHead(room, role)), cancellationToken);
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await socket.ReceiveAsync(one, cancellationToken) == 0)
                throw new IOException("The relay closed: " + head);
            head.Append((char)one[0]);
        }

        if (!head.ToString().StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
            throw new IOException("The relay refused: " + head);
        await ReadHintAsync(socket, cancellationToken);
        return socket;
    }

    /// <summary>Sends until told to stop, always to the end of a message.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> frame, int payload, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            for (int at = 0; at < frame.Length;)
            {
                at += await _sender.SendAsync(frame.Slice(at, Math.Min(TurnBytes, frame.Length - at)), CancellationToken.None);
                await Task.Yield();
            }

            Interlocked.Add(ref _sent, payload);
        }
    }

    /// <summary>Receives until told to stop; anything but data is a failure.</summary>
    public async Task ReceiveAsync(CancellationToken stop)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (true)
            {
                int count = await _receiver.ReceiveAsync(buffer, stop);
                if (count == 0)
                    throw new IOException("The relay closed.");
                Take(buffer.AsSpan(0, count));
                await Task.Yield();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As asked.
        }
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
            {
                int here = (int)Math.Min(_left, bytes.Length);
                _left -= here;
                Interlocked.Add(ref _received, here);
                bytes = bytes[here..];
                continue;
            }

            _header[_headerLength++] = bytes[0];
            bytes = bytes[1..];
            int needed = _headerLength < 2 ? 2 : (_header[1] & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
            if (_headerLength < needed)
                continue;
            if ((_header[0] & 0x0F) is not (0 or 2))
                throw new IOException($"The relay sent a frame of opcode {_header[0] & 0x0F}.");
            _left = needed switch
            {
                4 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
                10 => BinaryPrimitives.ReadInt64BigEndian(_header.AsSpan(2)),
                _ => _header[1],
            };
            _headerLength = 0;
        }
    }

    private static async Task ReadHintAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] frame = new byte[128];
        for (int length = 0, needed = 2; length < needed;)
        {
            int count = await socket.ReceiveAsync(frame.AsMemory(length, needed - length), cancellationToken);
            if (count == 0)
                throw new IOException("The relay closed before its hint.");
            length += count;
            needed = 2 + frame[1];
        }
    }
}
