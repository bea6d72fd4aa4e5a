using P2PCopy.Session.Crypto;
using P2PCopy.Session.Links;
using P2PCopy.Session.Messages;
using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Session;

public sealed class LinkHandshakeTests
{
    [Fact]
    public async Task Both_ends_of_a_session_join_again_and_records_flow_under_new_keys()
    {
        byte[][] seen = new byte[2][];
        for (int i = 0; i < 2; i++)
        {
            var pair = new ChannelPair();
            using SessionKeys left = Session(), right = Session();
            Task<SecureLink> sender = Link(pair.Left, left, PeerRole.Send);
            SecureLink receiver = await Link(pair.Right, right, PeerRole.Receive);
            pair.Tamper = (_, message) => seen[i] = message;
            await (await sender).SendAsync(Heartbeat(), 1, default);
            ReceivedRecord record = await receiver.ReceiveRecordAsync(new byte[100]);
            Assert.Equal(RecordType.Heartbeat, record.Type);
            Assert.Equal(2, receiver.ConnectionIndex);
        }

        Assert.NotEqual(seen[0], seen[1]);
    }

    [Fact]
    public async Task Somebody_without_the_session_secret_is_refused()
    {
        using var stranger = new SessionKeys([9, .. new byte[31]]);
        await AssertRefused(stranger, 2);
    }

    [Fact]
    public async Task Another_connection_of_the_same_session_is_refused()
    {
        using SessionKeys keys = Session();
        await AssertRefused(keys, 3);
    }

    [Fact]
    public async Task A_mirror_is_refused()
    {
        var pair = new ChannelPair();
        using SessionKeys keys = Session();
        Task<SecureLink> link = Link(pair.Left, keys, PeerRole.Send);
        byte[] buffer = new byte[100];
        for (int i = 0; i < 2; i++)
        {
            int length = await pair.Right.ReceiveAsync(buffer, default);
            await pair.Right.SendAsync(buffer.AsMemory(0, length), default);
        }

        Assert.Equal(HandshakeFault.NotOfSession, (await Assert.ThrowsAsync<HandshakeException>(() => link)).Fault);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    public async Task A_nonce_of_another_length_is_refused(int length)
    {
        var pair = new ChannelPair();
        using SessionKeys keys = Session();
        await pair.Right.SendAsync(new byte[length], default);
        var error = await Assert.ThrowsAsync<HandshakeException>(() => Link(pair.Left, keys, PeerRole.Send));
        Assert.Equal(HandshakeFault.NotOfSession, error.Fault);
    }

    [Fact]
    public async Task A_silent_end_is_left_after_ten_seconds()
    {
        var time = new ManualTimeProvider();
        var pair = new ChannelPair();
        using SessionKeys keys = Session();
        Task<SecureLink> link = LinkHandshake.RunAsync(pair.Left, keys, PeerRole.Send, 0, true, time, default);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(HandshakeFault.HelloTimeout, (await Assert.ThrowsAsync<HandshakeException>(() => link)).Fault);
    }

    private static async Task AssertRefused(SessionKeys other, int connectionIndex)
    {
        var pair = new ChannelPair();
        using SessionKeys keys = Session();
        Task<SecureLink> stranger = LinkHandshake.RunAsync(pair.Right, other, PeerRole.Receive, connectionIndex, true, TimeProvider.System, default);
        var error = await Assert.ThrowsAsync<HandshakeException>(() => Link(pair.Left, keys, PeerRole.Send));
        Assert.Equal(HandshakeFault.NotOfSession, error.Fault);
        await Assert.ThrowsAsync<HandshakeException>(() => stranger);
    }

    private static SessionKeys Session() => new([1, 2, 3, .. new byte[29]]);

    private static byte[] Heartbeat() => [0, (byte)RecordType.Heartbeat, .. new byte[16]];

    private static Task<SecureLink> Link(IMessageChannel channel, SessionKeys keys, PeerRole role)
        => LinkHandshake.RunAsync(channel, keys, role, 2, true, TimeProvider.System, default);
}
