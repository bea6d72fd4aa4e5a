using P2PCopy.Relay.Http;
using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Transport;
using P2PCopy.Tool;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>
/// Every refusal as a user meets it: the tool ends with 5 and prints a sentence and a hint, and the API throws an exception
/// with both. The cmdlets show those of the exception.
/// </summary>
public sealed class RefusalSentenceTests : IDisposable
{
    private const string Wait = "Wait and try again, or use another relay.";

    private const string Code = "refuse-correct-horse-battery";

    private static readonly string RoomName = PairingCode();

    private readonly string _tokens = Path.GetTempFileName();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_tokens);

    /// <summary>What makes a relay refuse the sender of the code, and what the sender is told.</summary>
    public static TheoryData<string, string, string> Refusals => new()
    {
        { "full", "has 1 connections, which is all it allows", Wait },
        { "address", "1 connections from this address already", Wait },
        { "rate of an address", "There were more than 1 joins a minute from your address", Wait },
        { "rate of a room", "There were more than 1 joins a minute from the room of this code", Wait },
        { "waiting rooms", "1 rooms have a waiting client", Wait },
        { "forbidden address", "does not admit your address", "ask the operator of the relay" },
        { "forbidden room", "serves one transfer only", "Check the code" },
        { "no token", "requires a token", "Set `Token` or P2PCOPY_TOKEN." },
        { "wrong token", "does not accept this token", "Check `Token` or P2PCOPY_TOKEN." },
        { "connections of a token", "all the connections that it allows", Wait },
        { "day", "reached its daily limit of bytes", Wait },
        { "draining", "about to stop", Wait },
        { "long head", "is longer than 1024 bytes", "Use a shorter `Token`" },
        { "path", "nothing at this path", "the proxy in front of the relay" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_of_a_real_relay_is_one_sentence_with_a_hint(string refusal, string what, string todo)
    {
        await File.WriteAllTextAsync(_tokens, "alice right connections=1\n", Cancel);
        await using TestRelay relay = await TestRelay.StartAsync(o => Limited(o, refusal, _tokens));
        using RawClient? other = await ProvokeAsync(relay, refusal);
        await RefusedAsync(refusal == "path" ? new Uri($"ws://{relay.Server.MetricsAddress!.Authority}") : relay.Address, Token(refusal), what, todo);
    }

    /// <summary>What only a broken proxy or a stranger's client provokes: sent as the relay would.</summary>
    public static TheoryData<string, string, string> OthersRefusals => new()
    {
        { nameof(Refusal.NotAnUpgrade), "needs a WebSocket upgrade", "the proxy in front of the relay" },
        { nameof(Refusal.NotHttp11), "speaks HTTP/1.1 only", "the proxy in front of the relay" },
        { "malformed", "A header line is not of the form 'name: value'.", "the proxy in front of the relay" },
    };

    [Theory]
    [MemberData(nameof(OthersRefusals))]
    public async Task A_refusal_that_a_broken_proxy_provokes_is_one_too(string refusal, string what, string todo)
    {
        await using var relay = new ScriptedRelay();
        Refusal sent = refusal switch
        {
            nameof(Refusal.NotAnUpgrade) => Refusal.NotAnUpgrade,
            nameof(Refusal.NotHttp11) => Refusal.NotHttp11,
            _ => RequestHead.Parse("GET / HTTP/1.1\r\nHost x\r\n\r\n"u8, out Refusal? why) is null ? why! : throw new InvalidOperationException("It was taken."),
        };
        Task answering = Task.Run(async () =>
        {
            for (int i = 0; i < 2; i++)
            {
                ScriptedConnection connection = await relay.NextAsync();
                await connection.Stream.WriteAsync(HttpReply.Refuse(sent), Cancel);
                connection.Dispose();
            }
        });
        await RefusedAsync(relay.Address, null, what, todo);
        await answering;
    }

    [Fact]
    public async Task A_taken_role_is_waited_for_and_told_with_what_to_do_when_the_time_is_over()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        using RawClient other = await RawClient.JoinAsync(relay.Address, RoomName, "send", TestRelay.Member(9));
        await other.ExpectHintAsync("waiting");
        await RefusedAsync(relay.Address, null, "Another program already waits or transfers in this role with this code.", "Use another code, or end the other program", wait: 1);
    }

    [Theory]
    [InlineData(RelayLimit.SessionBytes, "has moved the 300000 bytes this relay allows; use another relay for more")]
    [InlineData(RelayLimit.MessageBytes, "is longer than 65536 bytes; use a smaller 'ChunkSize' or another relay")]
    public async Task A_limit_in_the_middle_that_ends_a_transfer_is_named_in_its_error(RelayLimit limit, string sentence)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => limit == RelayLimit.SessionBytes ? o with { MaxBytesPerSession = 300_000, MaxJoinsPerMinutePerRoom = 2 } : o with { MaxMessageBytes = 65536 });
        using var pair = new TransferPair();
        byte[] content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        pair.Write("source/file", content);
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            pair.Send with { Connector = null, Relays = [relay.Address], RetryTimeout = TimeSpan.FromSeconds(1) },
            pair.Receive with { Connector = null, Relays = [relay.Address], RetryTimeout = TimeSpan.FromSeconds(1) });
        string said = string.Join('\n', ((Outcome[])[sender, receiver]).Select(o => o.Exception?.Message ?? o.Report?.Error?.Message));
        Assert.Contains(sentence, said);
    }

    private static RelayOptions Limited(RelayOptions o, string refusal, string tokens) => refusal switch
    {
        "full" => o with { MaxConnections = 1 },
        "address" => o with { MaxConnectionsPerAddress = 1 },
        "rate of an address" => o with { MaxJoinsPerMinutePerAddress = 1 },
        "rate of a room" => o with { MaxJoinsPerMinutePerRoom = 1 },
        "waiting rooms" => o with { MaxWaitingRooms = 1 },
        "forbidden address" => o with { AllowedAddresses = ["192.0.2.0/24"] },
        "forbidden room" => o with { AdmitRoom = _ => false },
        "no token" or "wrong token" => o with { Token = "right" },
        "connections of a token" => o with { TokenFile = tokens },
        "day" => o with { MaxBytesPerDay = 5000 },
        "long head" => o with { MaxHeadBytes = 1024 },
        "path" => o with { MetricsListen = "127.0.0.1:0" },
        _ => o,
    };

    private static string? Token(string refusal) => refusal switch
    {
        "wrong token" => "guessed-token",
        "connections of a token" => "right",
        "long head" => new string('t', 2000),
        _ => null,
    };

    private static async Task<RawClient?> ProvokeAsync(TestRelay relay, string refusal)
    {
        switch (refusal)
        {
            case "full" or "address" or "rate of an address" or "waiting rooms":
                RawClient waiting = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send");
                await waiting.ExpectHintAsync("waiting");
                return waiting;
            case "connections of a token":
                RawClient holder = await RawClient.JoinAsync(relay.Address, TestRelay.Room, "send", headers: "Authorization: Bearer right\r\n");
                await holder.ExpectHintAsync("waiting");
                return holder;
            case "rate of a room":
                RawClient joined = await RawClient.JoinAsync(relay.Address, RoomName, "receive");
                await joined.ExpectHintAsync("waiting");
                return joined;
            case "day":
                (RawClient sender, RawClient receiver) = await relay.RawPairAsync();
                using (sender)
                using (receiver)
                {
                    await sender.SendAsync(RawClient.Frame(2, new byte[5000]));
                    Assert.Equal(4002, (await receiver.ReadCloseAsync()).Code);
                }

                return null;
            case "draining":
                await relay.Server.Hub.DrainAsync();
                return null;
            default:
                return null;
        }
    }

    private static async Task RefusedAsync(Uri relay, string? token, string what, string todo, int wait = 2)
    {
        using var pair = new TransferPair();
        string file = pair.Write("file", [1]);
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => P2PTransfer.SendAsync(
            new SendOptions { Paths = [file], Code = global::P2PCopy.PairingCode.Parse(Code), Relays = [relay], Token = token, ConnectionTimeout = TimeSpan.FromSeconds(3), WaitTimeout = TimeSpan.FromSeconds(wait), SilenceTimeout = TimeSpan.FromSeconds(5) }, cancellationToken: Cancel));
        Assert.Equal(P2PErrorCode.RelayRefused, e.Code);

        (int status, string printed) = await RunToolAsync(
            ["send", file, "--relay", relay.OriginalString, "--code", Code, "--connection-timeout", "3", "--wait-timeout", $"{wait}", "--silence-timeout", "5", .. token is null ? (string[])[] : ["--token", token]]);
        Assert.True(status == 5, $"{status}: {printed}");
        Assert.Contains("[RelayRefused]", printed);
        foreach ((string text, string does) in ((string, string)[])[($"{e.Message} {e.Hint}", todo), (printed.Replace("\n       ", " ", StringComparison.Ordinal), ToolOptionNames.In(todo))])
        {
            Assert.Contains(what, text);
            Assert.Contains(does, text);
            Assert.DoesNotContain("horse", text);
            Assert.DoesNotContain("guessed", text);
        }

        Assert.EndsWith(".", e.Message);
        Assert.DoesNotContain(". ", e.Message);
        Assert.DoesNotContain("; ", e.Message);
        Assert.Contains(todo, e.Hint);
        Assert.Contains("hint:  ", printed);
    }

    /// <summary>The tool inside this process, with the real engine.</summary>
    private static async Task<(int Status, string Printed)> RunToolAsync(string[] arguments)
    {
        using var printed = new StringWriter();
        var host = new ToolHost
        {
            In = new(TextReader.Null),
            Out = TextWriter.Synchronized(printed),
            Error = TextWriter.Synchronized(printed),
            OpenStandardInput = () => Stream.Null,
            OpenStandardOutput = () => Stream.Null,
            Environment = _ => null,
            Engine = new TransferEngine(),
        };
        int status = await CommandLine.RunAsync(host, arguments, Cancel);
        return (status, printed.ToString());
    }

    private static string PairingCode() => P2PCopy.PairingCode.Parse(Code).RoomName;

    /// <summary>A limit that strikes in the middle of a transfer.</summary>
    public enum RelayLimit
    {
        /// <summary>Bytes of a session.</summary>
        SessionBytes,

        /// <summary>Bytes of a message.</summary>
        MessageBytes,
    }
}
