using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Relay;

/// <summary>A relay on 127.0.0.1 and the clients a test needs.</summary>
internal sealed class TestRelay : IAsyncDisposable
{
    public const string Room = "ABCDEFGHIJKLMNOPQRSTU-";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _clock;

    private TestRelay(RelayServer server, List<string> log, List<RelayEvent> events, TimeProvider clock)
    {
        Server = server;
        Log = log;
        Events = events;
        _clock = clock;
    }

    public RelayServer Server { get; }

    public Uri Address => Server.Addresses[0];

    /// <summary>Lines the relay logged; locked while it runs.</summary>
    public List<string> Log { get; }

    /// <summary>The same as <see cref="Log"/>, before they became lines.</summary>
    public List<RelayEvent> Events { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<TestRelay> StartAsync(Func<RelayOptions, RelayOptions>? change = null, TimeProvider? clock = null, RelayLogFormat format = RelayLogFormat.Text)
    {
        var log = new List<string>();
        var events = new List<RelayEvent>();
        var options = new RelayOptions
        {
            Listen = ["127.0.0.1:0"],
            TimeProvider = clock ?? TimeProvider.System,
            OnEvent = happened =>
            {
                lock (log)
                {
                    log.Add(happened.ToLogLine(format));
                    events.Add(happened);
                }
            },
        };
        return new TestRelay(await RelayServer.StartAsync(change?.Invoke(options) ?? options, Cancel), log, events, options.TimeProvider);
    }

    public RelayConnector Connector(TestCertificates? trusted = null, string? token = null)
        => new(new RelayConnectorOptions { Relays = [Address], CaFile = trusted?.CertificateFile, Token = token });

    public Task<IMessageChannel> JoinAsync(PeerRole role, string room = Room, string? member = null, TestCertificates? trusted = null)
        => Connector(trusted).JoinAsync(new RoomJoin(room, role, member ?? Member(role == PeerRole.Send ? 1 : 2)), Cancel);

    public async Task<(IMessageChannel Sender, IMessageChannel Receiver)> PairAsync(string room = Room, TestCertificates? trusted = null)
    {
        Task<IMessageChannel> sender = JoinAsync(PeerRole.Send, room, trusted: trusted);
        Task<IMessageChannel> receiver = JoinAsync(PeerRole.Receive, room, trusted: trusted);
        return (await sender, await receiver);
    }

    /// <summary>Two raw clients that were told of their pair.</summary>
    public async Task<RawPair> RawPairAsync(string room = Room)
    {
        RawClient sender = await RawClient.JoinAsync(Address, room, "send", Member(1));
        await sender.ExpectHintAsync("waiting");
        RawClient receiver = await RawClient.JoinAsync(Address, room, "receive", Member(2));
        await receiver.ExpectHintAsync("paired");
        await sender.ExpectHintAsync("paired");
        await SettledAsync();
        return new RawPair(sender, receiver);
    }

    /// <summary>
    /// Waits until no write is in progress: what a client has read may still be one to the relay, and a clock that leaps
    /// would make it a stall.
    /// </summary>
    public Task SettledAsync() => Until(() => !Server.Hub.Members.Any(m => m.Sink.IsWriting));

    public static string Member(int number) => number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);

    public static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, Cancel);
    }

    /// <summary>Stops at once. A clock that only the test moves goes on, as the stop has a time limit by it.</summary>
    public async Task StopNowAsync()
    {
        Task stopping = Server.DisposeAsync().AsTask();
        while (_clock is ManualTimeProvider manual && !stopping.IsCompleted)
        {
            await Task.WhenAny(stopping, Task.Delay(50));
            manual.Advance(TimeSpan.FromMilliseconds(100));
        }

        await stopping;
    }

    /// <summary>Stops at once; everything a test left open must be gone then.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopNowAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The relay did not stop: {Server.OpenConnectionCount} connections, {Server.Hub.MemberCount} members.");
        }

        Assert.Equal(0, Server.OpenConnectionCount);
        Assert.Equal(0, Server.Hub.MemberCount);
        Assert.Equal(0, Server.Hub.Rooms.Pairs);
        Assert.Equal(0, Server.Hub.Rooms.Waiting);
        Assert.Equal(0, Server.Hub.Admission.Connections);
    }
}
