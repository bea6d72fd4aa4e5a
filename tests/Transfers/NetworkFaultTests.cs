using P2PCopy.Primitives;
using System.Diagnostics;
using System.Globalization;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tests.Transfers;

/// <summary>Transfers over real sockets and a real relay, through a proxy that does to them what networks do.</summary>
public sealed class NetworkFaultTests(ITestOutputHelper output) : IDisposable
{
    private readonly TransferPair _pair = new();
    private static readonly TimeSpan s_firstRejoin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_anyRejoin = TimeSpan.FromSeconds(3);

    private readonly List<TimeSpan> _rejoins = [];
    private readonly StoppableClock _clock = new();
    private long _lostAt;

    /// <summary>
    /// The long version is <c>P2PCOPY_CUT_MIB=1024</c>, with a cut every 20 MiB and rejoins by the wall clock. In the short
    /// one, which may run on a busy machine, the clock of both sides stands still when a rejoin has waited for long enough.
    /// </summary>
    [Fact]
    public async Task A_line_that_is_cut_again_and_again_delivers_in_one_run_and_repeats_nothing_acknowledged()
    {
        int? megabytes = int.TryParse(Environment.GetEnvironmentVariable("P2PCOPY_CUT_MIB"), CultureInfo.InvariantCulture, out int given) ? given : null;
        long cutEvery = megabytes is null ? 3 << 19 : 20 << 20;
        byte[] content = Offer((megabytes ?? 56) << 20);
        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);
        await using var proxy = new FaultProxy(relay.Addresses[0]) { Plan = new FaultPlan { CutAfterToClient = cutEvery } };

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Connector = null, Relays = [relay.Addresses[0]], Connections = 1, OnEvent = megabytes is null ? Bound : Time, Compression = PayloadCompression.Off, TimeProvider = _clock },
            _pair.Receive with { Connector = null, Relays = [proxy.Address], TimeProvider = _clock });

        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));

        (TransferReport sent, TransferReport received) = (sender.Report!, receiver.Report!);
        long chunks = ((long)content.Length + 33 + (1 << 20) - 1) / (1 << 20);
        output.WriteLine($"{sent.Reconnects} reconnects, {sent.ChunksRepeated} chunks sent again, {received.ChunksRepeated} of them came twice; slowest rejoin {_rejoins.DefaultIfEmpty().Max()}, first {_rejoins.FirstOrDefault()}.");
        Assert.InRange(sent.Reconnects, content.Length / cutEvery / 2, 1000);
        Assert.Equal(chunks, received.ChunksTransferred - received.ChunksRepeated);
        Assert.Equal(chunks, sent.ChunksTransferred - sent.ChunksRepeated);

        // What was on the line when it was cut goes again; a chunk that is acknowledged never does, and what came twice
        // can only be what came whole over a connection that was cut before its acknowledgement had got back.
        Assert.InRange(received.ChunksRepeated, 0, sent.Reconnects * (cutEvery >> 20));
        if (megabytes is not null)
        {
            Assert.InRange(_rejoins[0], TimeSpan.Zero, s_firstRejoin);
            Assert.InRange(_rejoins.Max(), TimeSpan.Zero, s_anyRejoin);
        }
    }

    [Fact]
    public async Task A_line_that_goes_silent_without_closing_is_noticed_and_left()
    {
        byte[] content = Offer(8 << 20);
        var time = new FastTimeProvider(20);
        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);
        await using var proxy = new FaultProxy(relay.Addresses[0])
        {
            // The receiver's first connection dies in the middle; those of its rejoins live.
            PlanFor = number => number == 0 ? new FaultPlan { StallAfterToClient = 3 << 20, StallAfterToServer = 20_000 } : new FaultPlan(),
        };
        List<string> reasons = [];

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Connector = null, Relays = [relay.Addresses[0]], Connections = 1, TimeProvider = time, RetryTimeout = TimeSpan.FromSeconds(300), OnEvent = e => Note(e, reasons) },
            _pair.Receive with { Connector = null, Relays = [proxy.Address], TimeProvider = time, RetryTimeout = TimeSpan.FromSeconds(300), OnEvent = e => Note(e, reasons) });

        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.Contains("nothing was heard for 30 s", reasons);

        static void Note(TransferEvent what, List<string> reasons)
        {
            if (what is TransferEvent.Reconnecting { Reason: var reason })
            {
                lock (reasons)
                    reasons.Add(reason);
            }
        }
    }

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

    [Fact]
    public async Task A_relay_that_is_started_again_at_its_address_carries_the_transfer_on()
    {
        byte[] content = Offer(12 << 20);
        RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);
        Uri address = relay.Addresses[0];
        Task<(Outcome Sender, Outcome Receiver)> run = TransferPair.RunAsync(
            _pair.Send with { Connector = null, Relays = [address], Connections = 1, BandwidthLimit = 16 << 20 },
            _pair.Receive with { Connector = null, Relays = [address] });
        while (_pair.PartialLength < 3 << 20)
            await Task.Delay(5, TestContext.Current.CancellationToken);

        await relay.DisposeAsync();
        await using RelayServer again = await RelayServer.StartAsync(
            new RelayOptions { Listen = [$"127.0.0.1:{address.Port}"] }, TestContext.Current.CancellationToken);
        (Outcome sender, Outcome receiver) = await run;

        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.Equal(1, sender.Report!.Reconnects);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Altered_records_cost_a_connection_each_and_the_third_ends_the_session(int alterations, bool arrives)
    {
        byte[] content = Offer(8 << 20);
        HashSet<int> altered = []; // one in each connection
        var clock = new StoppableClock();
        _pair.Relay.OnMessage = message =>
        {
            if (message.Bytes.Length > 100_000 && altered.Count < alterations && altered.Add(_pair.Relay.Pairs))
            {
                message.Bytes[5000] ^= 1;
                if (!arrives && altered.Count == alterations)
                    clock.StopAfter(TimeSpan.Zero); // the end waits for no time-out
            }

            return [message.Bytes];
        };

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send with { Connections = 1 }, _pair.Receive with { TimeProvider = clock });

        Assert.Equal(arrives, sender.Succeeded && receiver.Succeeded);
        if (arrives)
        {
            Assert.Equal(alterations, receiver.Report!.Reconnects);
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));
        }
        else
        {
            Assert.Equal((P2PErrorCode.IntegrityCheckFailed, P2PErrorCode.IntegrityCheckFailed), (receiver.Error, sender.Error)); // the sender is told
            Assert.False(File.Exists(Path.Combine(_pair.Destination, "source", "big.bin")));
        }
    }

    /// <summary>Nobody comes to the first connection any more; that is no reason to wait for it.</summary>
    [Fact]
    public async Task While_the_first_connection_is_lost_another_tells_why_a_side_ends()
    {
        string? first = null;
        _pair.Relay.OnMessage = message =>
        {
            first ??= message.Room;
            _pair.Relay.IsDown |= message.Room != first && message.Bytes.Length > 100_000;
            return _pair.Relay.IsDown && message.Room == first ? null : [message.Bytes];
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var clock = new StoppableClock();
        void StopWhenLost(TransferEvent what)
        {
            if (what is not TransferEvent.Reconnecting)
                return;
            clock.StopAfter(TimeSpan.Zero); // the end waits for no time-out
            stop.Cancel();
        }

        Task<Outcome> sending = Outcome.OfAsync(P2PTransfer.SendAsync(
            _pair.Send with { Paths = [], InputStream = new StreamUntil(() => false), Name = "endless", Connections = 2, Compression = PayloadCompression.Off },
            cancellationToken: TestContext.Current.CancellationToken));
        Outcome receiver = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(
            _pair.Receive with { OutputStream = Stream.Null, TimeProvider = clock, OnEvent = StopWhenLost }, cancellationToken: stop.Token));

        Assert.IsType<OperationCanceledException>(receiver.Exception, exactMatch: false);
        Assert.Equal(P2PErrorCode.PeerAborted, (await sending).Error);
    }

    public void Dispose() => _pair.Dispose();

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

    private byte[] Offer(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        _pair.Write("source/big.bin", content);
        return content;
    }

    private void Bound(TransferEvent what)
    {
        if (what is TransferEvent.Reconnecting)
            _clock.StopAfter(_lostAt++ == 0 ? s_firstRejoin : s_anyRejoin);
        else if (what is TransferEvent.Reconnected)
            _clock.Resume();
    }

    private void Time(TransferEvent what)
    {
        if (what is TransferEvent.Reconnecting)
            _lostAt = Stopwatch.GetTimestamp();
        else if (what is TransferEvent.Reconnected)
            _rejoins.Add(Stopwatch.GetElapsedTime(_lostAt));
    }
}
