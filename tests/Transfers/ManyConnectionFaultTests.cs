using P2PCopy.Primitives;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>Transfers with several connections, of which one fails.</summary>
public sealed class ManyConnectionFaultTests : IDisposable
{
    private readonly TransferPair _pair = new();

    public void Dispose() => _pair.Dispose();

    /// <summary>Its chunks would hold up the others to the end: chunks are written in order.</summary>
    [Fact]
    public async Task A_connection_that_is_much_slower_than_the_others_is_given_up()
    {
        var slow = new FaultPlan { BytesPerSecond = 512 << 10, QueueBytes = 64 << 10 };
        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);
        await using var proxy = new FaultProxy(relay.Addresses[0]) { PlanFor = number => number == 2 ? slow : new FaultPlan() };
        var endless = new StreamUntil(() => proxy.Connections is [_, _, { BytesToServer: > 0, Completion.IsCompleted: true }, ..]);

        // A pause of a busy machine looks ten times as long: it must not be taken for silence.
        var time = new FastTimeProvider(10);
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Connector = null, Relays = [proxy.Address], Paths = [], InputStream = endless, Name = "dump", Connections = 4, ChunkSize = OptionLimits.MinChunkSize, Compression = PayloadCompression.Off, TimeProvider = time, SilenceTimeout = TimeSpan.FromSeconds(3600) },
            _pair.Receive with { Connector = null, Relays = [relay.Addresses[0]], TimeProvider = time, SilenceTimeout = TimeSpan.FromSeconds(3600) });

        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.Equal(endless.Position, new FileInfo(Path.Combine(_pair.Destination, "dump")).Length);
        Assert.Equal(0, sender.Report!.Reconnects);
        Assert.True(sender.Report.ChunksRepeated > 0, "what the slow connection carried did not go over the others");
    }

    /// <summary>The abort goes over any connection that is left, and the loss of one of several is no event.</summary>
    [Fact]
    public async Task While_the_first_connection_is_lost_another_tells_why_a_side_ends()
    {
        string? first = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _pair.Relay.OnMessage = message =>
        {
            first ??= message.Room;
            bool isContent = message.Bytes.Length > 100_000;
            if (message.Room == first)
                return _pair.Relay.IsDown ? null : [message.Bytes];
            if (isContent && _pair.Relay.IsDown)
                stop.Cancel(); // the first connection may be lost by now
            _pair.Relay.IsDown |= isContent;
            return [message.Bytes];
        };

        Task<Outcome> sending = Outcome.OfAsync(P2PTransfer.SendAsync(
            _pair.Send with { Paths = [], InputStream = new StreamUntil(() => false), Name = "endless", Connections = 2, Compression = PayloadCompression.Off },
            cancellationToken: TestContext.Current.CancellationToken));
        Outcome receiver = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(
            _pair.Receive with { OutputStream = Stream.Null }, cancellationToken: stop.Token));

        Assert.IsType<OperationCanceledException>(receiver.Exception, exactMatch: false);
        Assert.Equal(P2PErrorCode.PeerAborted, (await sending).Error);
        Assert.DoesNotContain(_pair.SenderEvents, e => e is TransferEvent.Reconnecting);
    }

    /// <summary>
    /// <c>SilenceTimeout</c> is an hour, and the slow connection needs minutes for one chunk: the transfer ends in time only
    /// if the other connections take over acks, control messages and chunks.
    /// </summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    public async Task Any_of_four_connections_may_go_silent_or_slow_and_the_others_finish_without_it(int bad, bool isSilent)
    {
        byte[] content = _pair.WriteBig(40 << 20);
        var time = new FastTimeProvider(5);
        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);
        await using var proxy = new FaultProxy(relay.Addresses[0])
        {
            PlanFor = number => number == bad && !isSilent ? new FaultPlan { BytesPerSecond = 6_000, QueueBytes = 64 << 10 } : new FaultPlan(),
        };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task silence = isSilent ? SilenceAsync(over.Token) : Task.CompletedTask;

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Connector = null, Relays = [proxy.Address], Connections = 4, Compression = PayloadCompression.Off, TimeProvider = time, SilenceTimeout = TimeSpan.FromSeconds(3600) },
            _pair.Receive with { Connector = null, Relays = [relay.Addresses[0]], TimeProvider = time, SilenceTimeout = TimeSpan.FromSeconds(3600) });
        await over.CancelAsync();
        await silence;

        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded, receiver.Exception?.ToString() ?? receiver.Report?.Error?.ToString());
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.Equal((0, 0), (sender.Report!.Reconnects, receiver.Report!.Reconnects));

        async Task SilenceAsync(CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (proxy.Connections is { Count: 4 } all && all[bad].BytesToServer > 300_000)
                {
                    all[bad].Stall();
                    return;
                }

                await Task.Delay(1, CancellationToken.None);
            }
        }
    }

    /// <summary>Zeros until something has happened.</summary>
    private sealed class StreamUntil(Func<bool> hasHappened) : MemoryStream
    {
        private long _position;

        public override bool CanSeek => false;

        public override long Position => _position;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = hasHappened() ? 0 : buffer.Length;
            buffer.Span[..count].Clear();
            _position += count;
            return ValueTask.FromResult(count);
        }
    }
}
