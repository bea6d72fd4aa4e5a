using System.Buffers.Binary;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Messages;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Session;

public sealed class SecureLinkTests
{
    [Fact]
    public async Task Records_of_many_epochs_open_in_the_order_in_which_they_were_sent()
    {
        const int count = 1000;
        var (left, right, _) = Links(epochLength: 500);
        Task sending = Task.Run(async () =>
        {
            byte[] buffer = new byte[40];
            for (int i = 0; i < count; i++)
            {
                buffer[1] = (byte)RecordType.Control;
                BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(2), i);
                await left.SendAsync(buffer, 5, default);
            }
        });

        byte[] received = new byte[100];
        for (int i = 0; i < count; i++)
            Assert.Equal(i, BinaryPrimitives.ReadInt32BigEndian((await right.ReceiveRecordAsync(received)).Body.Span));
        await sending;
    }

    [Fact]
    public async Task Bytes_and_messages_are_counted_as_they_travel()
    {
        var (left, right, _) = Links();
        byte[] buffer = new byte[100];
        buffer[1] = (byte)RecordType.Ack;
        await left.SendAsync(buffer, 11, default);
        buffer[1] = (byte)RecordType.Heartbeat;
        await left.SendAsync(buffer, 1, default);
        Assert.Equal((28 + 18, 2), (left.BytesSent, left.MessagesSent));
        await right.ReceiveRecordAsync(buffer);
        await right.ReceiveRecordAsync(buffer);
        Assert.Equal((28 + 18, 2), (right.BytesReceived, right.MessagesReceived));
        Assert.Equal((0, 0), (left.BytesReceived, right.MessagesSent));
    }

    [Fact]
    public async Task Time_since_something_was_sent_and_heard_is_known()
    {
        var time = new ManualTimeProvider();
        var (left, right, _) = Links(time: time);
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(TimeSpan.FromSeconds(7), left.SinceSent);
        await left.SendAsync(Record(RecordType.Heartbeat), 1, default);
        Assert.Equal(TimeSpan.FromSeconds(7), right.MeasureSilence());
        await right.ReceiveAsync(new byte[100], default);
        Assert.Equal(TimeSpan.Zero, right.MeasureSilence());
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), left.SinceSent);
        Assert.Equal(TimeSpan.FromSeconds(2), right.MeasureSilence());
        Assert.Equal(TimeSpan.FromSeconds(9), right.SinceSent);
    }

    [Fact]
    public async Task Cancelling_a_record_that_waits_to_be_sent_ends_the_link_so_that_none_is_missing_unnoticed()
    {
        var (left, right, _) = Links(capacity: 1);
        await left.SendAsync(Record(RecordType.Heartbeat), 1, default);
        using var stop = new CancellationTokenSource();
        Task blocked = left.SendAsync(Record(RecordType.Heartbeat), 1, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocked);
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await left.SendAsync(Record(RecordType.Heartbeat), 1, default));
        Assert.NotNull(right);
    }

    [Fact]
    public async Task A_record_that_was_altered_on_its_way_is_told_from_a_lost_connection()
    {
        var (left, right, pair) = Links();
        pair.Tamper = (_, message) => [.. message[..^1], (byte)(message[^1] ^ 1)];
        await left.SendAsync(Record(RecordType.Heartbeat), 1, default);
        var error = await Assert.ThrowsAsync<RecordException>(async () => await right.ReceiveRecordAsync(new byte[100]));
        Assert.Equal(RecordFault.NotAuthentic, error.Fault);
        pair.Cut();
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await right.ReceiveAsync(new byte[100], default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(255)]
    public async Task An_authentic_record_of_no_known_type_is_a_protocol_error(byte type)
    {
        var (left, right, _) = Links();
        await left.SendAsync(Record((RecordType)type), 1, default);
        var error = await Assert.ThrowsAsync<P2PException>(async () => await right.ReceiveRecordAsync(new byte[100]));
        Assert.Equal(P2PErrorCode.ProtocolError, error.Code);
    }

    [Fact]
    public async Task A_link_that_was_left_in_order_still_delivers_what_was_sent()
    {
        var (left, right, _) = Links();
        await left.SendAsync(Record(RecordType.Heartbeat), 1, default);
        await left.DisposeAsync();
        Assert.Equal(RecordType.Heartbeat, (await right.ReceiveRecordAsync(new byte[100])).Type);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await left.SendAsync(Record(RecordType.Heartbeat), 1, default));
    }

    private static byte[] Record(RecordType type) => [0, (byte)type, .. new byte[16]];

    private static (SecureLink Left, SecureLink Right, ChannelPair Pair) Links(
        long epochLength = RecordFormat.EpochLength, int capacity = 64, TimeProvider? time = null)
    {
        var pair = new ChannelPair(capacity);
        var keys = new SessionKeys(new byte[32]);
        RecordKeys send = keys.Records(LinkPurpose.Pair, PeerRole.Send, 0, [1], [2]);
        RecordKeys receive = keys.Records(LinkPurpose.Pair, PeerRole.Receive, 0, [1], [2]);
        time ??= TimeProvider.System;
        return (new SecureLink(pair.Left, send, receive, 0, true, time, epochLength),
            new SecureLink(pair.Right, receive, send, 0, true, time, epochLength), pair);
    }
}
