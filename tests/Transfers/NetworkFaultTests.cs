using System.Diagnostics;
using System.Globalization;
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
        byte[] content = _pair.WriteBig((megabytes ?? 56) << 20);
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
        byte[] content = _pair.WriteBig(8 << 20);
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

    [Fact]
    public async Task A_relay_that_is_started_again_at_its_address_carries_the_transfer_on()
    {
        byte[] content = _pair.WriteBig(12 << 20);
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
        byte[] content = _pair.WriteBig(8 << 20);
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

    /// <summary>The sender has acknowledged the receipt: without <c>bye</c> the receiver waits 3 s, not 30 s.</summary>
    [Fact]
    public async Task A_lost_bye_keeps_the_receiver_for_three_seconds()
    {
        const int controlLength = 1 + 16 + 1 + 17 + 256; // marker, tag, type, header, the smallest length class
        bool IsControl(RelayedMessage message) => message.From == PeerRole.Send && message.Bytes.Length == controlLength;
        byte[] content = _pair.WriteBig(1000);

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
