using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using P2PCopy.Transport;
using P2PCopy.Transport.Tcp;

namespace P2PCopy.Tests.Unit.Transport;

/// <summary>Messages with their lengths before them over a socket: whole, in order, and never longer than the reader allows.</summary>
public sealed class TcpMessageChannelTests : IAsyncLifetime
{
    private Socket _raw = null!;
    private TcpMessageChannel _channel = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _raw = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await _raw.ConnectAsync(listener.LocalEndPoint!, Token);
        _channel = new TcpMessageChannel(await listener.AcceptAsync(Token), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _raw.Dispose();
        await _channel.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(4 << 20)]
    public async Task A_message_of_any_length_arrives_whole(int length)
    {
        await using var other = new TcpMessageChannel(_raw, TimeProvider.System);
        byte[] message = new byte[length];
        Random.Shared.NextBytes(message);
        byte[] buffer = new byte[4 << 20];
        ValueTask<int> receive = _channel.ReceiveAsync(buffer, Token);
        await other.SendAsync(message, Token);
        Assert.Equal(length, await receive);
        Assert.True(message.AsSpan().SequenceEqual(buffer.AsSpan(0, length)));
        Assert.Equal(TcpMessageChannel.HeaderLength + length, _channel.BytesReceived);
    }

    [Fact]
    public async Task Messages_that_arrive_in_any_pieces_keep_their_order_and_bounds()
    {
        var random = new Random(7);
        byte[][] messages = [.. Enumerable.Range(0, 200).Select(i => Enumerable.Repeat((byte)i, random.Next(1, i % 50 == 0 ? 200_000 : 2000)).ToArray())];
        byte[] wire = [.. messages.SelectMany(m => (byte[])[.. Header(m.Length), .. m])];
        Task send = Task.Run(async () =>
        {
            for (int at = 0; at < wire.Length;)
            {
                int count = Math.Min(wire.Length - at, random.Next(1, 70_000));
                at += await _raw.SendAsync(wire.AsMemory(at, count), Token);
            }
        }, Token);
        byte[] buffer = new byte[1 << 20];
        foreach (byte[] message in messages)
        {
            int length = await _channel.ReceiveAsync(buffer, Token);
            Assert.True(message.AsSpan().SequenceEqual(buffer.AsSpan(0, length)));
        }

        await send;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    [InlineData(int.MaxValue)]
    public async Task A_length_that_is_not_allowed_ends_the_channel(int length)
    {
        await _raw.SendAsync(Header(length), Token);
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await _channel.ReceiveAsync(new byte[1024], Token));
        Assert.Equal(0, await EndAsync());
    }

    [Fact]
    public async Task What_was_sent_before_the_end_still_arrives()
    {
        byte[] message = new byte[3 << 20];
        Task<byte[]> read = Task.Run(async () =>
        {
            var all = new MemoryStream();
            await using var stream = new NetworkStream(_raw);
            await stream.CopyToAsync(all, Token);
            return all.ToArray();
        }, Token);
        await _channel.SendAsync(message, Token);
        await _channel.DisposeAsync();
        Assert.Equal(TcpMessageChannel.HeaderLength + message.Length, (await read).Length);
    }

    [Fact]
    public async Task The_end_of_the_other_side_and_an_abort_end_a_receive()
    {
        Task receive = _channel.ReceiveAsync(new byte[16], Token).AsTask();
        _raw.Shutdown(SocketShutdown.Send);
        await Assert.ThrowsAsync<ChannelClosedException>(() => receive);

        receive = _channel.SendAsync(new byte[1], Token).AsTask();
        await receive;
        _channel.Abort();
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await _channel.ReceiveAsync(new byte[16], Token));
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await _channel.SendAsync(new byte[1], Token));
    }

    [Fact]
    public async Task A_cancelled_receive_ends_the_channel()
    {
        using var stop = new CancellationTokenSource();
        Task receive = _channel.ReceiveAsync(new byte[16], stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receive);
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await _channel.ReceiveAsync(new byte[16], Token));
    }

    private static byte[] Header(int length)
    {
        byte[] header = new byte[TcpMessageChannel.HeaderLength];
        BinaryPrimitives.WriteInt32BigEndian(header, length);
        return header;
    }

    /// <summary>Bytes until the end of the connection, which a reset ends too.</summary>
    private async Task<int> EndAsync()
    {
        try
        {
            return await _raw.ReceiveAsync(new byte[16], Token);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
