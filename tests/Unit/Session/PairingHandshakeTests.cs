using System.Text;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Messages;
using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Session;

public sealed class PairingHandshakeTests
{
    internal const string Code = "lab-amber-violin-canoe";

    [Fact]
    public async Task Two_sides_with_one_code_share_a_session_and_a_link()
    {
        var pair = new ChannelPair();
        var (sender, receiver) = await Both(Pair(pair.Left, PeerRole.Send), Pair(pair.Right, PeerRole.Receive));

        Assert.Equal(sender.Keys.LinkRoom(3), receiver.Keys.LinkRoom(3));
        Assert.Equal(PeerRole.Receive, sender.Peer.Role);
        Assert.Equal(PeerRole.Send, receiver.Peer.Role);
        Assert.Equal(ProtocolVersion.Current, sender.Version);
        await AssertTalks(sender.Link, receiver.Link);
        await AssertTalks(receiver.Link, sender.Link);
    }

    [Fact]
    public async Task Every_session_has_a_fresh_secret()
    {
        string[] rooms = new string[2];
        for (int i = 0; i < 2; i++)
        {
            var pair = new ChannelPair();
            var (sender, _) = await Both(Pair(pair.Left, PeerRole.Send), Pair(pair.Right, PeerRole.Receive));
            rooms[i] = sender.Keys.LinkRoom(0);
        }

        Assert.NotEqual(rooms[0], rooms[1]);
    }

    [Fact]
    public async Task A_wrong_code_is_named_as_such_on_both_sides_and_nothing_of_it_is_told()
    {
        var pair = new ChannelPair();
        var errors = await BothFail(
            Pair(pair.Left, PeerRole.Send, "lab-amber-violin-canoe"),
            Pair(pair.Right, PeerRole.Receive, "lab-amber-violin-cabin"));
        foreach (Exception error in errors)
        {
            Assert.Equal(P2PErrorCode.PairingFailed, Assert.IsType<P2PException>(error).Code);
            Assert.DoesNotContain("amber", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_same_secret_in_another_room_does_not_pair()
    {
        var pair = new ChannelPair();
        var errors = await BothFail(
            Pair(pair.Left, PeerRole.Send, "one-amber-violin-canoe"),
            Pair(pair.Right, PeerRole.Receive, "two-amber-violin-canoe"));
        Assert.All(errors, e => Assert.Equal(P2PErrorCode.PairingFailed, Assert.IsType<P2PException>(e).Code));
    }

    [Fact]
    public async Task An_encryption_option_that_only_one_side_has_is_refused_with_the_side_that_has_it()
    {
        foreach (bool senderOff in (bool[])[true, false])
        {
            var pair = new ChannelPair();
            var errors = await BothFail(
                Pair(pair.Left, PeerRole.Send, encrypt: !senderOff),
                Pair(pair.Right, PeerRole.Receive, encrypt: senderOff));
            Assert.All(errors, error =>
            {
                Assert.Equal(P2PErrorCode.ProtocolError, Assert.IsType<P2PException>(error).Code);
                Assert.StartsWith(senderOff ? "The sender uses `Encryption Off`" : "The receiver uses `Encryption Off`", error.Message, StringComparison.Ordinal);
            });
        }
    }

    [Fact]
    public async Task An_unauthenticated_hello_does_not_make_a_side_advise_weaker_encryption()
    {
        var pair = new ChannelPair();
        Exception[] errors = await BothFail(
            Pair(pair.Left, PeerRole.Send),
            Pair(pair.Right, PeerRole.Receive, "lab-another-guess", encrypt: false));
        Assert.All(errors, error =>
        {
            Assert.Equal(P2PErrorCode.PairingFailed, Assert.IsType<P2PException>(error).Code);
            Assert.DoesNotContain("Encryption", error.Message, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task With_encryption_off_on_both_sides_chunks_and_nothing_else_travel_in_clear()
    {
        var pair = new ChannelPair();
        var (sender, receiver) = await Both(
            Pair(pair.Left, PeerRole.Send, encrypt: false), Pair(pair.Right, PeerRole.Receive, encrypt: false));
        var seen = new List<string>();
        pair.Tamper = (_, message) =>
        {
            seen.Add(Encoding.Latin1.GetString(message));
            return message;
        };
        await Send(sender.Link, RecordType.Chunk, "payload");
        await Send(sender.Link, RecordType.Control, "file name");
        Assert.Contains("payload", seen[0], StringComparison.Ordinal);
        Assert.DoesNotContain("file name", seen[1], StringComparison.Ordinal);
        byte[] buffer = new byte[100];
        Assert.Equal(RecordType.Chunk, (await receiver.Link.ReceiveRecordAsync(buffer)).Type);
        Assert.Equal("file name", Encoding.UTF8.GetString((await receiver.Link.ReceiveRecordAsync(buffer)).Body.Span));
    }

    [Fact]
    public async Task Two_senders_are_told_apart_before_any_cryptography()
    {
        var pair = new ChannelPair();
        var errors = await BothFail(Pair(pair.Left, PeerRole.Send), Pair(pair.Right, PeerRole.Send));
        Assert.All(errors, e => Assert.Equal(P2PErrorCode.ProtocolError, Assert.IsType<P2PException>(e).Code));
        Assert.All(errors, e => Assert.Contains("Both sides want to send", e.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("[1,0]")]
    [InlineData("{}")]
    [InlineData("{\"p2pcopy\":[1]}")]
    [InlineData("{\"p2pcopy\":\"1.0\"}")]
    [InlineData("{\"p2pcopy\":[1,-1]}")]
    [InlineData("{\"p2pcopy\":[1,0],\"p2pcopy\":[1,0],\"role\":\"receive\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"encryption\":\"on\"}")]
    [InlineData("{\"p2pcopy\":[1,0],\"role\":\"both\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"encryption\":\"on\"}")]
    [InlineData("{\"p2pcopy\":[1,0],\"role\":\"receive\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAA\",\"encryption\":\"on\"}")]
    [InlineData("{\"p2pcopy\":[1,0],\"role\":\"receive\",\"nonce\":\"!!!!\",\"encryption\":\"on\"}")]
    [InlineData("{\"p2pcopy\":[1,0],\"role\":\"receive\",\"nonce\":7,\"encryption\":\"on\"}")]
    [InlineData("{\"p2pcopy\":[1,0],\"role\":\"receive\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"encryption\":\"maybe\"}")]
    public async Task Garbage_instead_of_a_hello_is_a_protocol_error(string hello)
    {
        var pair = new ChannelPair();
        await pair.Right.SendAsync(Encoding.UTF8.GetBytes(hello), default);
        var error = await Assert.ThrowsAsync<P2PException>(() => Pair(pair.Left, PeerRole.Send));
        Assert.Equal(P2PErrorCode.ProtocolError, error.Code);
    }

    [Fact]
    public async Task Garbage_instead_of_a_share_is_a_protocol_error_and_no_confirmation_is_sent()
    {
        var pair = new ChannelPair();
        int sent = 0;
        pair.Tamper = (fromLeft, message) =>
        {
            if (fromLeft)
                sent++;
            return message;
        };
        await pair.Right.SendAsync(Hello.Own(PeerRole.Receive, encryptPayload: true).Encode(), default);
        await pair.Right.SendAsync(new byte[65], default);
        var error = await Assert.ThrowsAsync<P2PException>(() => Pair(pair.Left, PeerRole.Send));
        Assert.Equal(P2PErrorCode.ProtocolError, error.Code);
        Assert.Equal(2, sent);
    }

    [Fact]
    public async Task A_hello_changed_on_its_way_fails_the_confirmation()
    {
        var pair = new ChannelPair();
        int messages = 0;
        pair.Tamper = (fromLeft, message) => fromLeft && messages++ == 0
            ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(message).Replace("\"software\":\"", "\"software\":\"x", StringComparison.Ordinal))
            : message;
        var errors = await BothFail(Pair(pair.Left, PeerRole.Send), Pair(pair.Right, PeerRole.Receive));
        Assert.All(errors, e => Assert.Equal(P2PErrorCode.PairingFailed, Assert.IsType<P2PException>(e).Code));
    }

    [Fact]
    public async Task A_changed_confirmation_is_a_wrong_code()
    {
        var pair = new ChannelPair();
        pair.Tamper = (fromLeft, message) => fromLeft && message.Length == 32 ? [.. message[..31], (byte)(message[31] ^ 1)] : message;
        Task<PairingResult> sender = Pair(pair.Left, PeerRole.Send);
        var error = await Assert.ThrowsAsync<P2PException>(() => Pair(pair.Right, PeerRole.Receive));
        Assert.Equal(P2PErrorCode.PairingFailed, error.Code);
        await sender;
    }

    [Fact]
    public async Task A_reflected_confirmation_is_a_wrong_code()
    {
        var pair = new ChannelPair();
        byte[]? own = null;
        pair.Tamper = (fromLeft, message) =>
        {
            if (message.Length != 32)
                return message;
            if (!fromLeft)
                own = message;
            return fromLeft ? null : message;
        };
        Task<PairingResult> receiver = Pair(pair.Right, PeerRole.Receive);
        await Pair(pair.Left, PeerRole.Send);
        pair.Tamper = (_, message) => message;
        await pair.Left.SendAsync(own!, default);
        var error = await Assert.ThrowsAsync<P2PException>(() => receiver);
        Assert.Equal(P2PErrorCode.PairingFailed, error.Code);
    }

    [Fact]
    public async Task Cancelling_is_no_time_out()
    {
        using var stop = new CancellationTokenSource();
        var pair = new ChannelPair();
        Task<PairingResult> pairing = PairingHandshake.RunAsync(
            pair.Left, Hello.Own(PeerRole.Send, encryptPayload: true), PairingCode.Parse(Code), new GuessLedger(TimeProvider.System), TimeProvider.System, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pairing);
    }

    internal static Task<PairingResult> Pair(
        IMessageChannel channel, PeerRole role, string code = Code, bool encrypt = true, TimeProvider? time = null, GuessLedger? guesses = null)
        => PairingHandshake.RunAsync(
            channel,
            Hello.Own(role, encrypt),
            PairingCode.Parse(code),
            guesses ?? new GuessLedger(TimeProvider.System),
            time ?? TimeProvider.System,
            default);

    internal static async Task<(PairingResult Sender, PairingResult Receiver)> Both(Task<PairingResult> sender, Task<PairingResult> receiver)
        => (await sender, await receiver);

    internal static Task<PairingResult> Pair(IMessageChannel channel, Hello own)
        => PairingHandshake.RunAsync(channel, own, PairingCode.Parse(Code), new GuessLedger(TimeProvider.System), TimeProvider.System, default);

    internal static async Task<Exception[]> BothFail(params Task[] tasks)
        => [.. await Task.WhenAll(tasks.Select(task => Assert.ThrowsAnyAsync<Exception>(() => task)))];

    internal static async Task AssertTalks(SecureLink from, SecureLink to)
    {
        await Send(from, RecordType.Control, "hello");
        ReceivedRecord record = await to.ReceiveRecordAsync(new byte[100]);
        Assert.Equal(RecordType.Control, record.Type);
        Assert.Equal("hello", Encoding.UTF8.GetString(record.Body.Span));
    }

    private static ValueTask Send(SecureLink link, RecordType type, string text)
    {
        byte[] buffer = [0, (byte)type, .. Encoding.UTF8.GetBytes(text), .. new byte[16]];
        return link.SendAsync(buffer, buffer.Length - 17, default);
    }
}
