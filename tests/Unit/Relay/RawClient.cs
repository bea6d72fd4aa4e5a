using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>A client that sends exactly the bytes it is told to, to see what the relay makes of them.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;

    private RawClient(Socket socket, Stream stream)
    {
        _socket = socket;
        Stream = stream;
    }

    public Stream Stream { get; }

    public int LocalPort => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<RawClient> ConnectAsync(Uri relay)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, relay.Port, Cancel);
        return new RawClient(socket, new NetworkStream(socket));
    }

    /// <summary>Connects, sends what comes before the request, and joins; the answer must be 101.</summary>
    public static async Task<RawClient> JoinAsync(Uri relay, string room, string role, string member = "00112233445566778899aabbccddeeff", string headers = "", byte[]? before = null)
    {
        RawClient client = await ConnectAsync(relay);
        if (before is not null)
            await client.SendAsync(before.AsMemory());
        await client.SendAsync(JoinHead(room, role, member, headers));
        string head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 ", head);
        return client;
    }

    public static string JoinHead(string room, string role, string member = "00112233445566778899aabbccddeeff", string headers = "")
        => $"GET /p2p/{room}?role={role}&member={member} HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Protocol: p2pcopy\r\n{headers}\r\n";

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => Stream.WriteAsync(bytes, Cancel).AsTask();

    public void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Bytes of the kernel's receive buffer; to be set before anything is received.</summary>
    public void LimitReceiving(int bytes) => _socket.ReceiveBufferSize = bytes;

    /// <summary>Everything until the relay closes, as text.</summary>
    public async Task<string> ReadAllAsync()
    {
        using var all = new MemoryStream();
        try
        {
            await Stream.CopyToAsync(all, Cancel);
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>The head of an answer.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await Stream.ReadAsync(one, Cancel) == 0)
                break;
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>The next frame; null when the relay closed instead.</summary>
    public async Task<(int Opcode, bool Final, byte[] Payload)?> ReadFrameAsync()
    {
        try
        {
            byte[] header = new byte[2];
            await Stream.ReadExactlyAsync(header, Cancel);
            Assert.Equal(0, header[1] & 0x80);
            long length = header[1] & 0x7F;
            if (length > 125)
            {
                byte[] longer = new byte[length == 126 ? 2 : 8];
                await Stream.ReadExactlyAsync(longer, Cancel);
                length = longer.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(longer) : BinaryPrimitives.ReadInt64BigEndian(longer);
            }

            byte[] payload = new byte[length];
            await Stream.ReadExactlyAsync(payload, Cancel);
            return (header[0] & 0x0F, (header[0] & 0x80) != 0, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The next frame must be this hint.</summary>
    public async Task ExpectHintAsync(string hint)
    {
        (int Opcode, bool Final, byte[] Payload)? frame = await ReadFrameAsync();
        Assert.NotNull(frame);
        Assert.Equal(1, frame.Value.Opcode);
        Assert.Contains($"\"{hint}\"", Encoding.UTF8.GetString(frame.Value.Payload));
    }

    /// <summary>Reads on to the close frame and returns its code and reason; 0 when the relay just closed.</summary>
    public async Task<(int Code, string Reason)> ReadCloseAsync()
    {
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode == 8)
                return frame.Payload.Length < 2 ? (1005, "") : (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload), Encoding.UTF8.GetString(frame.Payload.AsSpan(2)));
        }

        return (0, "");
    }

    /// <summary>A client's frame.</summary>
    public static byte[] Frame(int opcode, byte[] payload, bool final = true, bool masked = true, int reserved = 0)
    {
        using var frame = new MemoryStream();
        frame.WriteByte((byte)(opcode | (final ? 0x80 : 0) | reserved));
        int mask = masked ? 0x80 : 0;
        byte[] length = new byte[8];
        switch (payload.Length)
        {
            case <= 125:
                frame.WriteByte((byte)(mask | payload.Length));
                break;
            case <= ushort.MaxValue:
                frame.WriteByte((byte)(mask | 126));
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)payload.Length);
                frame.Write(length, 0, 2);
                break;
            default:
                frame.WriteByte((byte)(mask | 127));
                BinaryPrimitives.WriteUInt64BigEndian(length, (ulong)payload.Length);
                frame.Write(length, 0, 8);
                break;
        }

        byte[] key = masked ? [0x12, 0x34, 0x56, 0x78] : [0, 0, 0, 0];
        if (masked)
            frame.Write(key);
        int start = (int)frame.Length;
        frame.Write(payload);
        byte[] bytes = frame.ToArray();
        for (int i = 0; i < payload.Length; i++)
            bytes[start + i] ^= key[i & 3];
        return bytes;
    }

    public void Dispose()
    {
        Stream.Dispose();
        _socket.Close(0);
    }
}
