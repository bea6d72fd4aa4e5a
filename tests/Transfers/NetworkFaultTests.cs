using System.Diagnostics;
using System.Globalization;
using P2PCopy.Primitives;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>Transfers over real sockets and a real relay, through a proxy that does to them what networks do.</summary>
public sealed class NetworkFaultTests(ITestOutputHelper output) : IDisposable
{
    private readonly TransferPair _pair = new();
    private static readonly TimeSpan FirstRejoin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnyRejoin = TimeSpan.FromSeconds(3);

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
            Assert.InRange(_rejoins[0], TimeSpan.Zero, FirstRejoin);
            Assert.InRange(_rejoins.Max(), TimeSpan.Zero, AnyRejoin);
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
        Assert.Contains("no data arrived for 30 s", reasons);

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
        byte[] content = Offer(40 << 20);
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

    /// <summary>The sender has acknowledged the receipt: without <c>bye</c> the receiver waits 3 s, not 30 s.</summary>
    [Fact]
    public async Task A_lost_bye_keeps_the_receiver_for_three_seconds()
    {
        const int controlLength = 1 + 16 + 1 + 17 + 256; // marker, tag, type, header, the smallest length class
        bool IsControl(RelayedMessage message) => message.From == PeerRole.Send && message.Bytes.Length == controlLength;
        byte[] content = Offer(1000);

        // The bye is the last of the sender's control records. All short ones have one length (docs/protocol.md §6), so they are counted.
        using var whole = new TransferPair();
        whole.Write("source/big.bin", content);
        int records = 0;
        whole.Relay.OnMessage = message =>
        {
            records += IsControl(message) ? 1 : 0;
            return [message.Bytes];
        };
        await TransferPair.RunAsync(whole.Send, whole.Receive);

        var time = new FastTimeProvider(2);
        int seen = 0;
        int lost = 0;
        long start = 0;
        _pair.Relay.OnMessage = message =>
        {
            bool isBye = IsControl(message) && ++seen == records;
            lost += isBye ? 1 : 0;
            if (isBye)
                start = time.GetTimestamp();
            return isBye ? [] : [message.Bytes];
        };

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send with { TimeProvider = time }, _pair.Receive with { TimeProvider = time });

        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.Equal(1, lost);
        Assert.InRange(time.GetElapsedTime(start), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(25));
        Assert.DoesNotContain(_pair.ReceiverEvents, e => e is TransferEvent.Warning);
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
            _clock.StopAfter(_lostAt++ == 0 ? FirstRejoin : AnyRejoin);
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
