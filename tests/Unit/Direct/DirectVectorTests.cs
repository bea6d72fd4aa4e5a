using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using P2PCopy.Session.Direct;
using P2PCopy.Session.Discovery;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Control;
using P2PCopy.Transport;
using P2PCopy.Transport.Tcp;

namespace P2PCopy.Tests.Unit.Direct;

/// <summary>The bytes of direct connections and of discovery, which the implementation in Python made.</summary>
public sealed class DirectVectorTests
{
    private static readonly JsonElement Vectors = VectorFile.Read("direct.json");
    private static readonly JsonElement Discovery = Vectors.GetProperty("discovery");
    private static readonly byte[] Key = Discovery.Bytes("key");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_key_of_discovery_follows_from_the_route()
        => Assert.Equal(Key, DiscoveryMessage.KeyOf(PairingCode.Parse(Discovery.Text("route") + "-amber-violin-canoe").Route));

    [Fact]
    public void Queries_are_written_and_read()
    {
        foreach (JsonElement vector in Discovery.GetProperty("queries").EnumerateArray())
        {
            PeerRole role = Role(vector);
            byte[] message = vector.Bytes("message");
            Assert.Equal(message, DiscoveryMessage.Query(Key, role, vector.Bytes("nonce")));
            Assert.True(DiscoveryMessage.TryReadQuery(message, Key, Other(role), out byte[] nonce));
            Assert.Equal(vector.Bytes("nonce"), nonce);
            Assert.False(DiscoveryMessage.TryReadQuery(message, Key, role, out _));
            for (int i = 0; i < message.Length; i++)
            {
                message[i] ^= 1;
                Assert.False(DiscoveryMessage.TryReadQuery(message, Key, Other(role), out _), $"byte {i}");
                message[i] ^= 1;
            }
        }
    }

    [Fact]
    public void Answers_are_as_long_as_queries_and_are_read_with_the_query_the_address_and_every_byte_right_only()
    {
        foreach (JsonElement vector in Discovery.GetProperty("answers").EnumerateArray())
        {
            PeerRole role = Role(vector);
            IPAddress address = IPAddress.Parse(vector.Text("address"));
            byte[] query = vector.Bytes("queryNonce"), message = vector.Bytes("message");
            var expected = (vector.GetProperty("port").GetInt32(), vector.GetProperty("secure").GetBoolean());
            Assert.Equal(DiscoveryMessage.Length, message.Length);
            Assert.Equal(message, DiscoveryMessage.Answer(Key, role, query, vector.Bytes("nonce"), address, expected.Item1, expected.Item2));
            Assert.Equal(expected, DiscoveryMessage.ReadAnswer(message, Key, Other(role), [new byte[16], query], address));
            for (int i = 0; i < message.Length; i++)
            {
                message[i] ^= 1;
                Assert.Null(DiscoveryMessage.ReadAnswer(message, Key, Other(role), [query], address));
                message[i] ^= 1;
            }
        }
    }

    [Fact]
    public void Answers_that_prove_nothing_are_refused()
    {
        byte[] query = Discovery.GetProperty("queries")[0].Bytes("nonce");
        IPAddress address = IPAddress.Parse(Discovery.GetProperty("answers")[0].Text("address"));
        foreach (JsonElement vector in Discovery.GetProperty("refused").EnumerateArray())
            Assert.Null(DiscoveryMessage.ReadAnswer(vector.Bytes("message"), Key, PeerRole.Receive, [query], address));
    }

    [Fact]
    public async Task Messages_have_their_length_before_them()
    {
        await OnConnectionsAsync("framing", async (vector, raw, channel) =>
        {
            byte[][] messages = [.. vector.GetProperty("messages").EnumerateArray().Select(m => Convert.FromHexString(m.GetString()!))];
            byte[] bytes = vector.Bytes("bytes"), written = new byte[bytes.Length], buffer = new byte[100];
            foreach (byte[] message in messages)
                await channel.SendAsync(message, Token);
            for (int have = 0; have < written.Length;)
                have += await raw.ReceiveAsync(written.AsMemory(have), Token);
            Assert.Equal(bytes, written);
            await raw.SendAsync(bytes, Token);
            foreach (byte[] message in messages)
                Assert.Equal(message, buffer[..await channel.ReceiveAsync(buffer, Token)]);
        });
    }

    [Fact]
    public async Task A_length_that_no_message_has_ends_the_connection()
    {
        await OnConnectionsAsync("impossibleLengths", async (length, raw, channel) =>
        {
            await raw.SendAsync(Convert.FromHexString(length.GetString()!), Token);
            await Assert.ThrowsAnyAsync<Exception>(async () => await channel.ReceiveAsync(new byte[100], Token));
        });
    }

    [Fact]
    public void Candidates_are_written_and_read()
    {
        foreach (JsonElement vector in Vectors.GetProperty("candidates").EnumerateArray())
        {
            var message = (CandidatesMessage)ControlJson.Decode(Encoding.UTF8.GetBytes(vector.Text("json")));
            Candidate[] expected = [.. vector.GetProperty("list").EnumerateArray().Select(c => new Candidate(
                new IPEndPoint(IPAddress.Parse(c[0].GetString()!), int.Parse(c[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture)),
                Enum.Parse<CandidateKind>(c[2].GetString()!, ignoreCase: true)))];
            Assert.Equal((vector.GetProperty("connection").GetInt32(), vector.GetProperty("attempt").GetInt32()), (message.Offer.Connection, message.Offer.Attempt));
            Assert.Equal(expected, message.Offer.Candidates);
            Assert.Equal(vector.Text("json"), Encoding.UTF8.GetString(ControlJson.Encode(message)));
        }
    }

    [Fact]
    public void Candidates_of_other_kinds_and_forms_are_left_out()
    {
        string[] other = [.. Vectors.GetProperty("candidatesLeftOut").EnumerateArray().Select(c => c.GetString()!)];
        string json = $$"""{"type":"candidates","connection":0,"attempt":0,"list":[{{string.Join(',', other)}},{"a":"10.1.0.3:41000","k":"interface"}]}""";
        var message = (CandidatesMessage)ControlJson.Decode(Encoding.UTF8.GetBytes(json));
        Assert.Equal(new Candidate(IPEndPoint.Parse("10.1.0.3:41000"), CandidateKind.Interface), Assert.Single(message.Offer.Candidates));
    }

    [Fact]
    public void The_first_hint_tells_where_the_relay_sees_the_client()
    {
        foreach (JsonElement vector in Vectors.GetProperty("seen").EnumerateArray())
        {
            byte[] text = Encoding.UTF8.GetBytes(vector.Text("hint"));
            RelayHint hint = RelayHint.Parse(text);
            IPEndPoint? expected = vector.GetProperty("address").GetString() is { } address ? new IPEndPoint(IPAddress.Parse(address), vector.GetProperty("port").GetInt32()) : null;
            Assert.Equal(expected, hint.Seen);
            if (vector.Text("hint").Contains("seen", StringComparison.Ordinal))
                Assert.Equal(text, hint.EncodeFirst());
        }
    }

    /// <summary>Runs a test for each vector of a list, each on a connection of its own.</summary>
    private static async Task OnConnectionsAsync(string list, Func<JsonElement, Socket, TcpMessageChannel, Task> test)
    {
        int count = 0;
        foreach (JsonElement vector in Vectors.GetProperty(list).EnumerateArray())
        {
            (Socket raw, TcpMessageChannel channel) = await ConnectAsync();
            using (raw)
            await using (channel)
                await test(vector, raw, channel);
            count++;
        }

        Assert.NotEqual(0, count);
    }

    private static async Task<(Socket Raw, TcpMessageChannel Channel)> ConnectAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var raw = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await raw.ConnectAsync(listener.LocalEndPoint!, Token);
        return (raw, new TcpMessageChannel(await listener.AcceptAsync(Token), TimeProvider.System));
    }

    private static PeerRole Role(JsonElement vector) => vector.Text("role") == "send" ? PeerRole.Send : PeerRole.Receive;

    private static PeerRole Other(PeerRole role) => role == PeerRole.Send ? PeerRole.Receive : PeerRole.Send;
}
