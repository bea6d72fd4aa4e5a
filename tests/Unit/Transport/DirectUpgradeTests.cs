using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Transport;

public class DirectUpgradeTests
{
    [Fact]
    public async Task A_hint_that_comes_with_the_answer_is_not_lost_and_an_answer_that_only_informs_is_passed_over()
    {
        byte[] paired = Encoding.ASCII.GetBytes("""{"hint":"paired"}""");
        DialResult result = await DialAsync(key => [.. Encoding.ASCII.GetBytes(
            $"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: keep-alive, upgrade\r\n"
            + $"Sec-WebSocket-Accept: {Accept(key)}\r\n\r\n"), 0x81, (byte)paired.Length, .. paired]);

        Assert.Null(result.Failure);
        Assert.Equal(RelayHintKind.Paired, result.First.Kind);
        await result.Channel!.DisposeAsync();
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    [InlineData("HTTP/1.1 banana\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: *\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: *\r\n\r\n")]
    [InlineData("")]
    public async Task What_is_no_answer_of_a_WebSocket_is_no_relay(string answer)
    {
        DialResult result = await DialAsync(key => Encoding.ASCII.GetBytes(answer.Replace("*", Accept(key), StringComparison.Ordinal)));

        Assert.Equal(P2PErrorCode.RelayConnectFailed, result.Failure!.Code);
        Assert.Contains("did not answer as a relay", result.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_without_end_is_given_up()
    {
        DialResult result = await DialAsync(_ => Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nX: " + new string('x', 40_000)));

        Assert.Contains("The head of the answer is too long.", result.Failure!.Message, StringComparison.Ordinal);
    }

    /// <summary>Dials a server that answers the first request with these bytes, and then ends what it sends.</summary>
    private static async Task<DialResult> DialAsync(Func<string, byte[]> answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var relay = new Uri($"ws://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        var dialer = new RelayDialer(new RelayConnectorOptions { Relays = [relay] });
        var join = new RoomJoin(new string('r', RelayProtocol.RoomLength), PeerRole.Send, new string('0', RelayProtocol.MemberLength), () => { });
        Task<DialResult> dialing = dialer.DialAsync(relay, join, TestContext.Current.CancellationToken);

        using Socket socket = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        string request = string.Empty;
        byte[] buffer = new byte[4096];
        while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            request += Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken));
        const string Key = "Sec-WebSocket-Key: ";
        int key = request.IndexOf(Key, StringComparison.Ordinal) + Key.Length;
        await socket.SendAsync(answer(request[key..request.IndexOf('\r', key)]), TestContext.Current.CancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        return await dialing;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "RFC 6455 names SHA-1.")]
    private static string Accept(string key)
        => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
}
