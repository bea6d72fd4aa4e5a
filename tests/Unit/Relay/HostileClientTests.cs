using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>What strangers may send, and that the relay and its other clients are none the worse for it.</summary>
public class HostileClientTests
{
    private const string Room = TestRelay.Room;
    private const string Good = "GET /p2p/" + Room + "?role=send&member=00112233445566778899aabbccddeeff HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Protocol: chat, p2pcopy\r\n\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_head_all_others_differ_from_is_good()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        Assert.StartsWith("HTTP/1.1 101 ", await AnswerAsync(relay, Good, upgraded: true));
        Assert.StartsWith("HTTP/1.1 101 ", await AnswerAsync(relay, Good.Replace("/p2p/", "/any/prefix/p2p/", StringComparison.Ordinal), upgraded: true));
    }

    public static TheoryData<string, string, int> BadHeads => new()
    {
        { "GET ", "POST ", 405 },
        { "GET ", "get ", 405 },
        { "GET ", " GET ", 400 },
        { "GET ", "GET  ", 400 },
        { "GET /", "GET http://relay/", 400 },
        { "/p2p/", "/p3p/", 404 },
        { "HTTP/1.1", "HTTP/1.0", 400 },
        { "HTTP/1.1", "HTTP/2.0", 400 },
        { "Host: relay\r\n", "", 400 },
        { "Host: relay\r\n", "Host: relay\r\nHost: other\r\n", 400 },
        { "Host: relay\r\n", "Host : relay\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\n folded: line\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\nX: a\rb\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\nX: a\0b\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\nno colon\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\n: no name\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\nContent-Length: 5\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\nContent-Length: 0\r\nContent-Length: 5\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\nTransfer-Encoding: chunked\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\nTransfer-Encoding: identity\r\nContent-Length: 0\r\n", 400 },
        { "Host: relay\r\n", "Host: relay\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n", 400 },
        { "\r\n\r\n", "\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
        { Room, Room + "x", 400 },
        { Room, Room[1..], 400 },
        { Room, "%41" + Room[3..], 400 },
        { Room, "../../../healthz/zzzzz", 404 },
        { "role=send", "role=listen", 400 },
        { "role=send", "role=send&role=receive", 400 },
        { "member=0011", "member=xy11", 400 },
        { "member=0011", "nobody=0011", 400 },
        { "Upgrade: websocket", "Upgrade: h2c", 426 },
        { "Connection: keep-alive, Upgrade", "Connection: keep-alive", 426 },
        { "Version: 13", "Version: 12", 426 },
        { "Sec-WebSocket-Version: 13\r\n", "", 426 },
        { "AQIDBAUGBwgJCgsMDQ4PEA==", "short", 400 },
        { "AQIDBAUGBwgJCgsMDQ4PEA==", "AQIDBAUGBwgJCgsMDQ4PEBE=", 400 },
        { "chat, p2pcopy", "chat", 400 },
    };

    [Theory]
    [MemberData(nameof(BadHeads))]
    public async Task A_bad_head_is_refused_with_its_status_and_a_sentence(string part, string instead, int status)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        string answer = await AnswerAsync(relay, Good.Replace(part, instead, StringComparison.Ordinal));
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains("P2PCopy-Refused: ", answer);
        Assert.Equal(0, relay.Server.Hub.Rooms.Waiting);
    }

    [Fact]
    public async Task An_endless_header_is_refused_at_its_limit()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        string answer = await AnswerAsync(relay, "GET / HTTP/1.1\r\nX: " + new string('a', 20_000));
        Assert.StartsWith("HTTP/1.1 431 ", answer);
        Assert.StartsWith("HTTP/1.1 431 ", await AnswerAsync(relay, "GET / HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Repeat("a: b\r\n", 101)) + "\r\n"));
    }

    [Fact]
    public async Task Garbage_and_tls_at_a_plain_port_are_answered_at_once()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        Assert.Contains("This is not an HTTP request", await AnswerAsync(relay, "\x16\x03\x01\x02\x00\x01\x00"));
        Assert.Contains("HTTP/1.1 400 ", await AnswerAsync(relay, "SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    }

    public static TheoryData<string, byte[], int> BadFrames => new()
    {
        { "unmasked", RawClient.Frame(2, [1, 2], masked: false), 1002 },
        { "text", RawClient.Frame(1, "hi"u8.ToArray()), 1008 },
        { "hint", RawClient.Frame(1, "{\"hint\":\"peer-left\"}"u8.ToArray()), 1008 },
        { "reserved bit", RawClient.Frame(2, [1], reserved: 0x40), 1002 },
        { "unknown opcode", RawClient.Frame(3, [1]), 1002 },
        { "unknown control", RawClient.Frame(11, [1]), 1002 },
        { "fragmented ping", RawClient.Frame(9, [1], final: false), 1002 },
        { "long ping", RawClient.Frame(9, new byte[126]), 1002 },
        { "continuation of nothing", RawClient.Frame(0, [1]), 1002 },
        { "message inside a message", [.. RawClient.Frame(2, [1], final: false), .. RawClient.Frame(2, [1])], 1002 },
        { "long form of a short length", [0x82, 0xFE, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5], 1002 },
        { "longest form of a short length", [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0], 1002 },
        { "negative length", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1002 },
        { "huge length", [0x82, 0xFF, 0x7F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1009 },
        { "close with half a code", RawClient.Frame(8, [3]), 1002 },
        { "close with a forbidden code", RawClient.Frame(8, [0x03, 0xED]), 1002 },
        { "close with a broken reason", RawClient.Frame(8, [0x03, 0xE8, 0xFF]), 1002 },
    };

    [Theory]
    [MemberData(nameof(BadFrames))]
    public async Task A_broken_frame_ends_its_connection_with_the_code_and_its_partner_politely(string what, byte[] bytes, int code)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        await sender.SendAsync(bytes);
        (int got, string reason) = await sender.ReadCloseAsync();
        Assert.True(got == code, $"{what}: {got} {reason}");
        Assert.Equal(1001, (await receiver.ReadCloseAsync()).Code);
    }

    [Fact]
    public async Task Data_before_the_pair_ends_the_connection()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawClient client = await RawClient.JoinAsync(relay.Address, Room, "send");
        await client.SendAsync(RawClient.Frame(2, [1]));
        Assert.Equal((1008, "Data was sent before the pair was complete."), await client.ReadCloseAsync());
        using RawClient next = await RawClient.JoinAsync(relay.Address, Room, "send", TestRelay.Member(7));
        await next.ExpectHintAsync("waiting");
    }

    [Fact]
    public async Task Pings_are_answered_also_inside_a_message_and_a_flood_of_them_is_not()
    {
        await using TestRelay relay = await TestRelay.StartAsync(clock: new Testing.ManualTimeProvider());
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        await sender.SendAsync((byte[])[.. RawClient.Frame(2, [1], final: false), .. RawClient.Frame(9, [7, 8]), .. RawClient.Frame(0, [2])]);
        (int opcode, _, byte[] payload) = (await sender.ReadFrameAsync())!.Value;
        Assert.Equal(10, opcode);
        Assert.Equal([7, 8], payload);
        Assert.Equal([1], (await receiver.ReadFrameAsync())!.Value.Payload);
        Assert.Equal([2], (await receiver.ReadFrameAsync())!.Value.Payload);

        for (int i = 0; i < 101; i++)
            await sender.SendAsync(RawClient.Frame(9, []));
        Assert.Equal((1008, "Too many control frames."), await sender.ReadCloseAsync());
    }

    [Fact]
    public async Task Bytes_that_come_one_by_one_are_understood_all_the_same()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawPair pair = await relay.RawPairAsync();
        (RawClient sender, RawClient receiver) = pair;
        byte[] bytes = [.. RawClient.Frame(2, [1, 2, 3], final: false), .. RawClient.Frame(9, [9]), .. RawClient.Frame(0, new byte[130]), .. RawClient.Frame(8, [0x03, 0xE8])];
        foreach (byte b in bytes)
            await sender.SendAsync(new[] { b });
        int received = 0;
        while (true)
        {
            (int opcode, bool final, byte[] payload) = (await receiver.ReadFrameAsync())!.Value;
            Assert.Equal(received == 0 ? 2 : 0, opcode);
            received += payload.Length;
            if (final)
                break;
        }

        Assert.Equal(133, received);
        await receiver.ExpectHintAsync("peer-left");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_client_that_goes_at_any_step_leaves_nothing_behind(int step)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        for (int i = 0; i < 20; i++)
        {
            using RawClient client = await RawClient.ConnectAsync(relay.Address);
            if (step >= 1)
                await client.SendAsync(step == 1 ? Good[..50] : Good);
            if (step >= 3)
            {
                using RawClient other = await RawClient.JoinAsync(relay.Address, Room, "receive");
                await other.SendAsync(RawClient.Frame(2, new byte[100]).AsMemory(0, 3));
            }
        }

        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
        Assert.Equal(0, relay.Server.Hub.Rooms.Waiting);
        Assert.Equal(0, relay.Server.Hub.Rooms.Pairs);
    }

    [Fact]
    public async Task A_half_open_client_hears_the_end_of_its_answer_and_is_let_go()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawClient client = await RawClient.JoinAsync(relay.Address, Room, "send");
        client.ShutdownSend();
        await client.ReadAllAsync();
        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
    }

    [Fact]
    public async Task Honest_pairs_work_while_hostile_clients_storm()
    {
        // Both come from one address here, and its limits would hit the honest ones too.
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { MaxConnections = 1_000_000, MaxConnectionsPerAddress = 0, MaxJoinsPerMinutePerAddress = 0 });
        using var over = new CancellationTokenSource();
        Task[] storm = [.. Enumerable.Range(0, 4).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!over.IsCancellationRequested)
            {
                using RawClient client = await RawClient.ConnectAsync(relay.Address);
                byte[] garbage = new byte[random.Next(1, 3000)];
                random.NextBytes(garbage);
                try
                {
                    if (random.Next(2) == 0)
                        await client.SendAsync(RawClient.JoinHead($"stormstormstormstorm{seed:D2}", "send"));
                    await client.SendAsync(garbage);
                }
                catch (IOException)
                {
                    // Refused in the middle.
                }
            }
        }))];

        for (int i = 0; i < 20; i++)
        {
            (IMessageChannel sender, IMessageChannel receiver) = await relay.PairAsync($"honesthonesthonesth{i:D3}");
            await using (sender)
            await using (receiver)
            {
                await sender.SendAsync(new byte[200_000], Cancel);
                Assert.Equal(200_000, await receiver.ReceiveAsync(new byte[200_000], Cancel));
            }
        }

        await over.CancelAsync();
        await Task.WhenAll(storm);
        await TestRelay.Until(() => relay.Server.OpenConnectionCount == 0);
    }

    private static async Task<string> AnswerAsync(TestRelay relay, string head, bool upgraded = false)
    {
        using RawClient client = await RawClient.ConnectAsync(relay.Address);
        await client.SendAsync(head);
        return upgraded ? await client.ReadHeadAsync() : await client.ReadAllAsync();
    }
}
