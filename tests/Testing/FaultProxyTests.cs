using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace P2PCopy.Tests.Testing;

public class FaultProxyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_pass_unchanged_and_an_end_is_passed_on()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Address);
        byte[] sent = RandomBytes(1_000_000);
        Assert.Equal(sent, await EchoedAsync(proxy, sent));
        Assert.Equal(1_000_000, proxy.Connections[0].BytesToServer);
    }

    [Fact]
    public async Task Latency_delays_and_does_not_limit_the_rate()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Address) { Plan = new FaultPlan { Latency = TimeSpan.FromMilliseconds(50) } };
        byte[] sent = RandomBytes(40_000_000);
        var watch = Stopwatch.StartNew();
        Assert.Equal(sent, await EchoedAsync(proxy, sent));
        // One piece at a time would take 60 s.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.1, 50);
    }

    [Fact]
    public async Task Bandwidth_is_limited()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Address) { Plan = new FaultPlan { BytesPerSecond = 1_000_000 } };
        var watch = Stopwatch.StartNew();
        await EchoedAsync(proxy, RandomBytes(300_000));
        Assert.True(watch.Elapsed.TotalSeconds > 0.2, $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task A_cut_resets_the_connection_after_exactly_so_many_bytes()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Address) { Plan = new FaultPlan { CutAfterToClient = 12_345 } };
        using Socket client = await ConnectAsync(proxy);
        await client.SendAsync(RandomBytes(20_000));
        FaultConnection connection = await proxy.NextAsync();
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            byte[] buffer = new byte[4096];
            while (await client.ReceiveAsync(buffer, Cancel) > 0)
            {
            }
        });
        Assert.Equal(12_345, connection.BytesToClient);
    }

    [Fact]
    public async Task A_stall_holds_everything_back_until_it_is_resumed_and_a_byte_can_be_corrupted()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Address);
        using Socket client = await ConnectAsync(proxy);
        FaultConnection connection = await proxy.NextAsync();
        connection.Stall();
        await client.SendAsync(new byte[] { 1, 2 });
        byte[] buffer = new byte[2];
        Task<int> receiving = client.ReceiveAsync(buffer, Cancel).AsTask();
        await Task.WhenAny(receiving, Task.Delay(50, Cancel));
        Assert.False(receiving.IsCompleted);

        connection.CorruptNextToServer();
        connection.Resume();
        int n = await receiving;
        if (n == 1)
            await client.ReceiveAsync(buffer.AsMemory(1), Cancel);
        Assert.Equal([0x11, 2], buffer);
    }

    [Fact]
    public async Task Refusing_refuses_and_accepting_takes_the_same_port_again()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Address);
        proxy.Refuse();
        SocketException e = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(proxy));
        Assert.Equal(SocketError.ConnectionRefused, e.SocketErrorCode);
        proxy.Accept();
        Assert.Equal([7], await EchoedAsync(proxy, [7]));
    }

    private static byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static async Task<Socket> ConnectAsync(FaultProxy proxy)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Address.Port, Cancel);
        return socket;
    }

    private static async Task<byte[]> EchoedAsync(FaultProxy proxy, byte[] bytes)
    {
        using Socket client = await ConnectAsync(proxy);
        await using var stream = new NetworkStream(client);
        Task sending = Task.Run(async () =>
        {
            await stream.WriteAsync(bytes, Cancel);
            client.Shutdown(SocketShutdown.Send);
        });
        using var received = new MemoryStream();
        await stream.CopyToAsync(received, Cancel);
        await sending;
        return received.ToArray();
    }

    private sealed class Echo : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Echo()
        {
            _listener.Start();
            _ = Task.Run(async () =>
            {
                while (true)
                {
                    Socket socket = await _listener.AcceptSocketAsync();
                    _ = Task.Run(async () =>
                    {
                        await using var stream = new NetworkStream(socket, ownsSocket: true);
                        await stream.CopyToAsync(stream);
                        socket.Shutdown(SocketShutdown.Send);
                    });
                }
            });
        }

        public Uri Address => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

        public ValueTask DisposeAsync()
        {
            _listener.Stop();
            return ValueTask.CompletedTask;
        }
    }
}
