using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;

namespace P2PCopy.Tests.Unit.Transport;

/// <summary>A relay whose every answer a test decides, on a free port of 127.0.0.1.</summary>
internal sealed class ScriptedRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<ScriptedConnection> _accepted = Channel.CreateUnbounded<ScriptedConnection>();
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;

    public ScriptedRelay(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address => new($"{(_certificate is null ? "ws" : "wss")}://127.0.0.1:{Port}");

    /// <summary>The next connection whose request head has arrived.</summary>
    public async Task<ScriptedConnection> NextAsync()
        => await _accepted.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>The next connection whose request head has arrived; null if there is none.</summary>
    public ScriptedConnection? TryNext() => _accepted.Reader.TryRead(out ScriptedConnection? connection) ? connection : null;

    /// <summary>Whether a connection waits that the test has not taken.</summary>
    public bool HasMore => _accepted.Reader.Count > 0;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        while (_accepted.Reader.TryRead(out ScriptedConnection? connection))
            connection.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ReadHeadAsync(socket);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ReadHeadAsync(Socket socket)
    {
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            if (_certificate is not null)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsServerAsync(_certificate);
            }

            var head = new StringBuilder();
            byte[] one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await stream.ReadExactlyAsync(one, _stop.Token);
                head.Append((char)one[0]);
            }

            await _accepted.Writer.WriteAsync(new ScriptedConnection(socket, stream, head.ToString()));
        }
        catch (Exception)
        {
            // The client refused the certificate, or the test is over.
            await stream.DisposeAsync();
        }
    }
}

/// <summary>One connection of a <see cref="ScriptedRelay"/>.</summary>
internal sealed class ScriptedConnection(Socket socket, Stream stream, string head) : IDisposable
{
    public string Head => head;

    public Stream Stream => stream;

    public string RequestLine => head[..head.IndexOf('\r', StringComparison.Ordinal)];

    /// <summary>Value of a header of the request; null without it.</summary>
    public string? Header(string name)
        => head.Split("\r\n").FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    /// <summary>Answers with a status and ends the connection.</summary>
    public async Task RefuseAsync(string statusLine, string headers = "")
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {statusLine}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"));
        socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Upgrades and says the given hints.</summary>
    public async Task<WebSocket> UpgradeAsync(params string[] hints)
    {
        WebSocket webSocket = await UpgradeToAsync("p2pcopy");
        foreach (string hint in hints)
            await HintAsync(webSocket, hint);
        return webSocket;
    }

    /// <summary>Upgrades to any subprotocol, with further headers.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 names SHA-1.")]
    public async Task<WebSocket> UpgradeToAsync(string subProtocol, string headers = "")
    {
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Header("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {subProtocol}\r\n{headers}\r\n"));
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = subProtocol, KeepAliveInterval = TimeSpan.Zero });
    }

    public static Task HintAsync(WebSocket webSocket, string hint)
        => webSocket.SendAsync(Encoding.UTF8.GetBytes($$"""{"hint":"{{hint}}","more":[1,{}]}"""), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>Reads pings and answers them. The client must send nothing else.</summary>
    public async Task AnswerPingsAsync(int count)
    {
        byte[] ping = new byte[6];
        for (int i = 0; i < count; i++)
        {
            await stream.ReadExactlyAsync(ping, TestContext.Current.CancellationToken);
            Assert.Equal(0x89, ping[0]);
            await stream.WriteAsync(new byte[] { 0x8a, 0 }, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sends pings and reads nothing, until the connection ends.</summary>
    public async Task FloodAsync()
    {
        byte[] pings = [.. Enumerable.Repeat((byte[])[0x89, 125, .. new byte[125]], 500).SelectMany(ping => ping)];
        try
        {
            while (true)
                await stream.WriteAsync(pings, TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has left, or the test is over.
        }
    }

    /// <summary>Ends the connection with a TCP reset.</summary>
    public void Reset() => socket.Close(timeout: 0);

    /// <summary>Ends the connection without an answer.</summary>
    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }
}
