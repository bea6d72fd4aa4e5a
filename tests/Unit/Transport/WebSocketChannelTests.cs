using System.Buffers.Binary;
using System.Net.WebSockets;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Transport;

public class WebSocketChannelTests
{
    private static readonly RoomJoin DefaultJoin = new("ABCDEFGHIJKLMNOPQRSTU0", PeerRole.Send, "00112233445566778899aabbccddeeff");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_of_a_mebibyte_is_masked_frames_of_128_KiB_of_which_the_last_one_ends_it()
    {
        await using var relay = new ScriptedRelay();
        (IMessageChannel channel, ScriptedConnection connection, _) = await PairAsync(relay);
        await using (channel)
        {
            Task sending = channel.SendAsync(new byte[1 << 20], Cancel).AsTask();
            for (int frame = 0; frame < 8; frame++)
            {
                byte[] header = new byte[10];
                await connection.Stream.ReadExactlyAsync(header, Cancel);

                Assert.Equal((frame == 7 ? 0x80 : 0) | (frame == 0 ? 2 : 0), header[0]);
                Assert.Equal(0x80 | 127, header[1]);
                Assert.Equal(128UL << 10, BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(2)));
                await connection.Stream.ReadExactlyAsync(new byte[4 + (128 << 10)], Cancel);
            }

            await sending;
        }
    }

    [Fact]
    public async Task Fragments_arrive_as_one_message_in_the_callers_buffer_with_hints_in_between_messages()
    {
        await using var relay = new ScriptedRelay();
        (IMessageChannel channel, _, WebSocket other) = await PairAsync(relay);
        await using (channel)
        {
            await other.SendAsync(new byte[] { 1, 2 }, WebSocketMessageType.Binary, false, Cancel);
            await other.SendAsync(new byte[] { 3 }, WebSocketMessageType.Binary, true, Cancel);
            await ScriptedConnection.HintAsync(other, "draining");
            await ScriptedConnection.HintAsync(other, "a hint of a later version");
            await other.SendAsync(Array.Empty<byte>(), WebSocketMessageType.Binary, true, Cancel);

            byte[] buffer = new byte[100];
            Assert.Equal(3, await channel.ReceiveAsync(buffer, Cancel));
            Assert.Equal([1, 2, 3], buffer[..3]);
            Assert.Equal(0, await channel.ReceiveAsync(buffer, Cancel));
        }
    }

    [Fact]
    public async Task Bytes_of_a_message_that_is_still_coming_in_are_counted_as_they_arrive()
    {
        await using var relay = new ScriptedRelay();
        (IMessageChannel channel, ScriptedConnection connection, _) = await PairAsync(relay);
        await using (channel)
        {
            const int length = 300_000, first = 200_000;
            long before = channel.BytesReceived;
            Task<int> receiving = channel.ReceiveAsync(new byte[length], Cancel).AsTask();
            byte[] frame = new byte[10 + length];
            (frame[0], frame[1]) = (0x82, 127);
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), length);
            await connection.Stream.WriteAsync(frame.AsMemory(0, first), Cancel);
            Assert.True(SpinWait.SpinUntil(() => channel.BytesReceived > before, TimeSpan.FromMinutes(4)));
            Assert.False(receiving.IsCompleted);

            await connection.Stream.WriteAsync(frame.AsMemory(first), Cancel);
            Assert.Equal(length, await receiving);
            Assert.Equal(before + length, channel.BytesReceived);
        }
    }

    [Fact]
    public async Task A_message_that_just_fits_is_taken_and_a_longer_one_ends_the_channel()
    {
        await using var relay = new ScriptedRelay();
        (IMessageChannel channel, _, WebSocket other) = await PairAsync(relay);
        await using (channel)
        {
            byte[] buffer = new byte[64];
            await other.SendAsync(new byte[64], WebSocketMessageType.Binary, true, Cancel);
            Assert.Equal(64, await channel.ReceiveAsync(buffer, Cancel));

            await other.SendAsync(new byte[65], WebSocketMessageType.Binary, true, Cancel);
            await Assert.ThrowsAsync<ChannelClosedException>(() => channel.ReceiveAsync(buffer, Cancel).AsTask());
            await Assert.ThrowsAsync<ChannelClosedException>(() => channel.SendAsync(buffer, Cancel).AsTask());
        }
    }

    [Fact]
    public async Task A_peer_that_left_closes_the_channel()
    {
        await using var relay = new ScriptedRelay();
        (IMessageChannel channel, _, WebSocket other) = await PairAsync(relay);
        await using (channel)
        {
            await ScriptedConnection.HintAsync(other, "peer-left");
            await Assert.ThrowsAsync<ChannelClosedException>(() => channel.ReceiveAsync(new byte[64], Cancel).AsTask());
        }
    }

    [Fact]
    public async Task Why_the_relay_closed_is_in_the_exception()
    {
        await using var relay = new ScriptedRelay();
        (IMessageChannel channel, _, WebSocket other) = await PairAsync(relay);
        await using (channel)
        {
            await other.CloseOutputAsync((WebSocketCloseStatus)4002, "The session has moved its bytes.", Cancel);
            ChannelClosedException e = await Assert.ThrowsAsync<ChannelClosedException>(() => channel.ReceiveAsync(new byte[64], Cancel).AsTask());
            Assert.Contains("4002", e.Message);
            Assert.Contains("The session has moved its bytes.", e.Message);
        }
    }

    [Fact]
    public async Task An_abort_ends_a_pending_receive()
    {
        await using var relay = new ScriptedRelay();
        (IMessageChannel channel, _, _) = await PairAsync(relay);
        Task<int> receiving = channel.ReceiveAsync(new byte[64], Cancel).AsTask();
        channel.Abort();
        channel.Abort();
        await Assert.ThrowsAsync<ChannelClosedException>(() => receiving);
        await channel.DisposeAsync();
    }

    [Fact]
    public async Task Everything_sent_before_disposing_arrives_although_the_peer_talks_on()
    {
        await using var relay = new ScriptedRelay();
        (IMessageChannel channel, _, WebSocket other) = await PairAsync(relay);
        // Unread bytes at the side that closes are what would reset the connection.
        await other.SendAsync(new byte[50_000], WebSocketMessageType.Binary, true, Cancel);
        for (int i = 0; i < 4; i++)
            await channel.SendAsync(new byte[100_000], Cancel); // a socket accepts this much before it is read
        ValueTask disposing = channel.DisposeAsync();

        long received = 0;
        byte[] buffer = new byte[8192];
        ValueWebSocketReceiveResult part;
        while ((part = await other.ReceiveAsync(buffer.AsMemory(), Cancel)).MessageType != WebSocketMessageType.Close)
            received += part.Count;
        Assert.Equal(400_000, received);
        await other.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await disposing;
    }

    [Fact]
    public async Task Disposing_does_not_wait_for_a_dead_peer_even_with_a_receive_and_a_send_pending()
    {
        await using var relay = new ScriptedRelay();
        (IMessageChannel channel, _, _) = await PairAsync(relay);
        Task receiving = channel.ReceiveAsync(new byte[64], Cancel).AsTask();
        Task sending = Task.Run(async () =>
        {
            while (true)
                await channel.SendAsync(new byte[1 << 20], Cancel);
        });
        await Task.WhenAny(sending, Task.Delay(100, Cancel));
        await channel.DisposeAsync().AsTask().WaitAsync(Cancel);

        await Assert.ThrowsAsync<ChannelClosedException>(() => sending);
        await Assert.ThrowsAsync<ChannelClosedException>(() => receiving);
    }

    private static async Task<(IMessageChannel Channel, ScriptedConnection Connection, WebSocket Other)> PairAsync(ScriptedRelay relay)
    {
        Task<IMessageChannel> joining = new RelayConnector(new RelayConnectorOptions { Relays = [relay.Address] }).JoinAsync(DefaultJoin, Cancel);
        ScriptedConnection connection = await relay.NextAsync();
        WebSocket other = await connection.UpgradeAsync("paired");
        return (await joining, connection, other);
    }
}
