using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using BenchmarkDotNet.Attributes;
using P2PCopy.Transport;

namespace P2PCopy.Benchmarks;

/// <summary>A message of 1 MiB from one channel to another over loopback: masked as a client must, read into the caller's buffer.</summary>
[MemoryDiagnoser]
public class Channel
{
    private readonly byte[] _message = new byte[1 << 20];
    private readonly byte[] _buffer = new byte[1 << 20];
    private WebSocketChannel _from = null!;
    private WebSocketChannel _to = null!;

    [GlobalSetup]
    public async Task ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.LocalEndpoint).ConfigureAwait(false);
        Socket server = await listener.AcceptSocketAsync().ConfigureAwait(false);
        _from = Over(client, isServer: false);
        _to = Over(server, isServer: true);
    }

    [Benchmark]
    public async Task<int> OneMebibyte()
    {
        Task sending = _from.SendAsync(_message, CancellationToken.None).AsTask();
        int length = await _to.ReceiveAsync(_buffer, CancellationToken.None).ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        return length;
    }

    private static WebSocketChannel Over(Socket socket, bool isServer)
        => new(WebSocket.CreateFromStream(new NetworkStream(socket, ownsSocket: true), new WebSocketCreationOptions { IsServer = isServer }), TimeProvider.System, network: null);
}
