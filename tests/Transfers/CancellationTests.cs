using System.Diagnostics;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Transfers;

/// <summary>Cancelled in the middle, with a peer that answers and with one that does not.</summary>
public sealed class CancellationTests : IDisposable
{
    private readonly TransferPair _pair = new();

    private static readonly TimeSpan Promise = TimeSpan.FromMilliseconds(500);

    public static TheoryData<bool, bool> Cases => new() { { true, false }, { true, true }, { false, false }, { false, true } };

    /// <summary>After the cancellation the clock goes on for what is promised, less what closing a connection may take, and stands still.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_cancelled_side_ends_at_once_tells_the_other_and_leaves_what_the_next_run_goes_on_from(bool cancelsSender, bool peerIsStalled)
        => CancelAsync(cancelsSender, peerIsStalled, clock => clock.StopAfter(Promise - WebSocketChannel.CloseBound));

    /// <summary>The same by the wall clock, for a machine with nothing else to do: run with <c>-explicit on</c>.</summary>
    [Theory(Explicit = true)]
    [MemberData(nameof(Cases))]
    public async Task A_cancelled_side_ends_within_half_a_second(bool cancelsSender, bool peerIsStalled)
    {
        TimeSpan took = await CancelAsync(cancelsSender, peerIsStalled, _ => { });

        TestContext.Current.TestOutputHelper!.WriteLine($"It took {took.TotalMilliseconds:0} ms.");
        Assert.True(took < Promise, $"It took {took}.");
    }

    private async Task<TimeSpan> CancelAsync(bool cancelsSender, bool peerIsStalled, Action<StoppableClock> onCancel)
    {
        byte[] content = new byte[48 << 20];
        new Random(1).NextBytes(content);
        _pair.Write("source/big.bin", content);
        await using RelayServer relay = await RelayServer.StartAsync(new RelayOptions { Listen = ["127.0.0.1:0"] }, TestContext.Current.CancellationToken);
        await using var proxy = new FaultProxy(relay.Addresses[0]);
        using var stop = new CancellationTokenSource();
        using var stopOther = new CancellationTokenSource();
        SendOptions send = _pair.Send with { Connector = null, Relays = [relay.Addresses[0]], BandwidthLimit = 12 << 20 };
        ReceiveOptions receive = _pair.Receive with { Connector = null, Relays = [relay.Addresses[0]] };
        var clock = new StoppableClock();
        send = cancelsSender ? send with { TimeProvider = clock } : send with { Relays = [proxy.Address] };
        receive = cancelsSender ? receive with { Relays = [proxy.Address] } : receive with { TimeProvider = clock };
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(send, cancellationToken: cancelsSender ? stop.Token : stopOther.Token));
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: cancelsSender ? stopOther.Token : stop.Token));
        while (_pair.PartialLength < 4 << 20)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        if (peerIsStalled)
            (await proxy.NextAsync()).Stall();

        var time = Stopwatch.StartNew();
        onCancel(clock);
        await stop.CancelAsync();
        Outcome cancelled = await (cancelsSender ? sender : receiver);
        TimeSpan took = time.Elapsed;

        Assert.IsAssignableFrom<OperationCanceledException>(cancelled.Exception);
        Assert.True(_pair.PartialLength >= 4 << 20);
        if (peerIsStalled)
        {
            await stopOther.CancelAsync();
            await (cancelsSender ? receiver : sender);
        }
        else
        {
            Outcome other = await (cancelsSender ? receiver : sender);
            Assert.Equal(P2PErrorCode.PeerAborted, other.Error);
            Assert.Contains("cancelled", other.Report!.Error!.Message, StringComparison.Ordinal);
        }

        (Outcome again, Outcome arrived) = await _pair.RunAsync();
        Assert.True(again.Succeeded && arrived.Succeeded);
        Assert.InRange(again.Report!.ChunksTransferred, 1, 45);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.Equal(0, _pair.PartialLength);
        return took;
    }

    [Fact]
    public async Task Discard_partial_leaves_nothing_of_this_run_nor_of_an_earlier_one()
    {
        byte[] content = new byte[24 << 20];
        new Random(1).NextBytes(content);
        _pair.Write("source/a.bin", content);
        _pair.Write("source/b.bin", content);
        await CancelAtAsync(_pair.Receive, 3 << 20);
        Assert.NotEqual(0, _pair.PartialLength);

        await CancelAtAsync(_pair.Receive with { DiscardPartial = true }, 6 << 20);

        Assert.Empty(Directory.GetFiles(_pair.Destination, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }

    [Fact]
    public async Task A_partial_goes_when_its_file_turns_out_to_be_here()
    {
        byte[] content = new byte[24 << 20];
        new Random(1).NextBytes(content);
        string source = _pair.Write("source/a.bin", content);
        await _pair.RunAsync();
        DateTime time = File.GetLastWriteTimeUtc(source);
        File.WriteAllBytes(source, [.. content.Reverse()]);
        await CancelAtAsync(_pair.Receive, 3 << 20);
        Assert.NotEqual(0, _pair.PartialLength);

        File.WriteAllBytes(source, content);
        File.SetLastWriteTimeUtc(source, time);
        (Outcome sender, Outcome receiver) = await _pair.RunAsync();

        Assert.Equal(FileStatus.Unchanged, receiver.Report!.Files.Single(f => f.Kind == FileReportKind.File).Status);
        Assert.True(sender.Succeeded);
        Assert.Single(Directory.GetFiles(_pair.Destination, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }

    [Fact]
    public async Task Two_receivers_of_one_destination_do_not_harm_each_other()
    {
        byte[] first = new byte[6 << 20];
        byte[] second = new byte[7 << 20];
        new Random(1).NextBytes(first);
        new Random(2).NextBytes(second);
        _pair.Write("source/big.bin", first);
        _pair.Write("other/source/big.bin", second);
        const string OtherCode = "route2-correct-horse-battery";

        // The first transfer stands in its middle until the second is over.
        using var secondIsOver = new ManualResetEventSlim();
        int large = 0;
        _pair.Relay.OnMessage = m =>
        {
            if (m.Bytes.Length > 100_000 && Interlocked.Increment(ref large) == 4)
                secondIsOver.Wait(TimeSpan.FromSeconds(60));
            return [m.Bytes];
        };
        Task<(Outcome Sender, Outcome Receiver)> one = TransferPair.RunAsync(_pair.Send, _pair.Receive);
        while (_pair.PartialLength < 1 << 20)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Paths = [_pair.Folder["other/source"]], Code = PairingCode.Parse(OtherCode) }, _pair.Receive with { Code = PairingCode.Parse(OtherCode) });
        secondIsOver.Set();
        (Outcome firstSender, Outcome firstReceiver) = await one;

        Assert.True(firstSender.Succeeded && firstReceiver.Succeeded);
        Assert.All([sender, receiver], o =>
        {
            FileReport file = o.Report!.Files.Single(f => f.Kind == FileReportKind.File);
            Assert.Equal(P2PErrorCode.FileWriteError, file.Error);
            Assert.Contains("another transfer is writing it", file.Message, StringComparison.Ordinal);
        });
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.Equal(0, _pair.PartialLength);
    }

    public void Dispose() => _pair.Dispose();

    private async Task CancelAtAsync(ReceiveOptions receive, long partial)
    {
        using var stop = new CancellationTokenSource();
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send with { BandwidthLimit = 12 << 20 }));
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(receive, cancellationToken: stop.Token));
        while (_pair.PartialLength < partial)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>((await receiver).Exception);
        await sender;
    }
}
