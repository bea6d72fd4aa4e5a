using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace P2PCopy.Tests.Testing;

/// <summary>What a <see cref="FaultProxy"/> does to a connection. Offsets count from 0 in each direction by itself.</summary>
internal sealed record FaultPlan
{
    /// <summary>How long a byte takes from one end to the other; does not limit how many are on the way.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Bytes a second in each direction; 0 is without a limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Bytes that may be on their way in each direction, about: what a network keeps before it slows who sends.</summary>
    public int QueueBytes { get; init; } = 64 << 20; // 1 GB/s at 60 ms

    /// <summary>Resets the connection once this many bytes went to the server; null does not.</summary>
    public long? CutAfterToServer { get; init; }

    /// <summary>Resets the connection once this many bytes went to the client; null does not.</summary>
    public long? CutAfterToClient { get; init; }

    /// <summary>Passes nothing on to the server after this many bytes, without closing; null does not.</summary>
    public long? StallAfterToServer { get; init; }

    /// <summary>Passes nothing on to the client after this many bytes, without closing; null does not.</summary>
    public long? StallAfterToClient { get; init; }

    /// <summary>Flips a bit of the byte at this offset on its way to the server; null does not.</summary>
    public long? CorruptToServer { get; init; }

    /// <summary>Flips a bit of the byte at this offset on its way to the client; null does not.</summary>
    public long? CorruptToClient { get; init; }
}

/// <summary>
/// A TCP proxy on a free port of 127.0.0.1 that does to connections what networks do. Plans can be changed while
/// connections run, for all that come later (<see cref="Plan"/>, <see cref="PlanFor"/>) or for one
/// (<see cref="FaultConnection"/>).
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly Uri _target;
    private readonly ConcurrentQueue<FaultConnection> _all = new();
    private readonly Channel<FaultConnection> _fresh = Channel.CreateUnbounded<FaultConnection>();
    private TcpListener _listener;
    private int _count;

    /// <summary>Starts in front of this address (any scheme with host and port).</summary>
    public FaultProxy(Uri target)
    {
        _target = target;
        _listener = new TcpListener(IPAddress.Loopback, 0);
        Listen();
        Address = new UriBuilder(target) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
    }

    /// <summary>The target's address, but through this proxy.</summary>
    public Uri Address { get; }

    /// <summary>For connections that come from now on.</summary>
    public FaultPlan Plan { get; set; } = new();

    /// <summary>By the number of the connection, from 0; stronger than <see cref="Plan"/>.</summary>
    public Func<int, FaultPlan>? PlanFor { get; set; }

    /// <summary>All connections so far, ended ones too, by their numbers.</summary>
    public IReadOnlyList<FaultConnection> Connections => [.. _all.OrderBy(c => c.Number)];

    /// <summary>The next connection that no call has returned yet.</summary>
    public async Task<FaultConnection> NextAsync() => await _fresh.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Stops listening: who dials is refused. Connections that run go on.</summary>
    public void Refuse() => _listener.Stop();

    /// <summary>Listens again at the same port.</summary>
    public void Accept()
    {
        _listener = new TcpListener(IPAddress.Loopback, Address.Port);
        Listen();
    }

    /// <summary>Resets every connection that runs.</summary>
    public void CutAll()
    {
        foreach (FaultConnection connection in _all)
            connection.Cut();
    }

    public ValueTask DisposeAsync()
    {
        _listener.Stop();
        CutAll();
        return ValueTask.CompletedTask;
    }

    private void Listen()
    {
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start(512);
        _ = AcceptAsync(_listener);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                Socket client = await listener.AcceptSocketAsync();
                _ = ConnectAsync(client, Interlocked.Increment(ref _count) - 1);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Refusing, or over.
        }
    }

    private async Task ConnectAsync(Socket client, int number)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(_target.Host, _target.Port);
        }
        catch (SocketException)
        {
            client.Close(0);
            server.Dispose();
            return;
        }

        var connection = new FaultConnection(number, client, server, PlanFor?.Invoke(number) ?? Plan);
        _all.Enqueue(connection);
        _fresh.Writer.TryWrite(connection);
        connection.Start();
    }
}

/// <summary>One connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class FaultConnection
{
    private readonly Socket _client;
    private readonly Socket _server;
    private readonly FaultPipe _toServer;
    private readonly FaultPipe _toClient;

    public FaultConnection(int number, Socket client, Socket server, FaultPlan plan)
    {
        Number = number;
        _client = client;
        _server = server;
        Plan = plan;
        _toServer = new FaultPipe(client, server, Cut, () => (Plan, Plan.CutAfterToServer, Plan.StallAfterToServer, Plan.CorruptToServer));
        _toClient = new FaultPipe(server, client, Cut, () => (Plan, Plan.CutAfterToClient, Plan.StallAfterToClient, Plan.CorruptToClient));
    }

    /// <summary>From 0, in the order in which they came.</summary>
    public int Number { get; }

    /// <summary>What is done to it; may be replaced at any time.</summary>
    public FaultPlan Plan { get; set; }

    /// <summary>Bytes that went on to the server.</summary>
    public long BytesToServer => _toServer.Passed;

    /// <summary>Bytes that went on to the client.</summary>
    public long BytesToClient => _toClient.Passed;

    /// <summary>Completes when both directions have ended.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Resets both ends at once.</summary>
    public void Cut()
    {
        _client.Close(0);
        _server.Close(0);
    }

    /// <summary>Passes nothing on any more, without closing, until <see cref="Resume"/>.</summary>
    public void Stall() => Plan = Plan with { StallAfterToServer = 0, StallAfterToClient = 0 };

    /// <summary>Ends a stall.</summary>
    public void Resume() => Plan = Plan with { StallAfterToServer = null, StallAfterToClient = null };

    /// <summary>Flips a bit of the next byte to the server.</summary>
    public void CorruptNextToServer() => Plan = Plan with { CorruptToServer = BytesToServer };

    /// <summary>Flips a bit of the next byte to the client.</summary>
    public void CorruptNextToClient() => Plan = Plan with { CorruptToClient = BytesToClient };

    internal void Start() => Completion = Task.WhenAll(_toServer.RunAsync(), _toClient.RunAsync());
}
