using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>A drop box: transfers come and go, well or badly, and it goes on.</summary>
public sealed class StandingReceiverTests : IAsyncDisposable
{
    private const string Strong = "stand1-acorn-bamboo-cactus-dolphin";

    private readonly TransferPair _pair = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TransferEvent> _events = [];
    private IAsyncEnumerator<TransferReport>? _box;

    private SendOptions Send => _pair.Send with { Code = PairingCode.Parse(Strong), RetryTimeout = TimeSpan.FromSeconds(5), SenderName = "host" };

    private ReceiveOptions Receive => _pair.Receive with { Code = PairingCode.Parse(Strong), OnEvent = _events.Add, WaitTimeout = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task Transfers_come_one_after_the_other_and_replace_nothing()
    {
        _pair.Write("source/a", [1]);
        Open(Receive);

        TransferReport first = await SendAndReceiveAsync();
        _pair.Write("source/a", [2, 2]);
        TransferReport second = await SendAndReceiveAsync();

        Assert.True(first.Succeeded && second.Succeeded);
        Assert.True(first.IsDurable && second.IsDurable);
        Assert.Equal("host", first.SenderName);
        Assert.Equal([1], File.ReadAllBytes(_pair.Folder["destination/source/a"]));
        Assert.Equal([2, 2], File.ReadAllBytes(_pair.Folder["destination/source/a (1)"]));
    }

    [Fact]
    public async Task What_ends_a_transfer_does_not_end_it()
    {
        _pair.Write("source/a", new byte[1000]);
        string small = _pair.Write("small", new byte[5]);
        Open(Receive with { MaxSize = 500, ConfirmOffer = (offer, _) => ValueTask.FromResult(!offer.Names.Contains("unwanted")) });

        // Too much; a wrong code; an offer that is declined; then one that is good.
        TransferReport refused = await SendAndReceiveAsync();
        ValueTask<bool> report = _box!.MoveNextAsync();
        Outcome stranger = await Outcome.OfAsync(P2PTransfer.SendAsync(Send with { Code = PairingCode.Parse("stand1-wrong-code-entirely") }));
        await Outcome.OfAsync(P2PTransfer.SendAsync(Send with { Paths = [], InputStream = new MemoryStream(new byte[3]), Name = "unwanted" }));
        Assert.True(await report);
        TransferReport declined = _box.Current;
        TransferReport good = await SendAndReceiveAsync(Send with { Paths = [small] });

        Assert.Equal(P2PErrorCode.LimitExceeded, refused.Error?.Code);
        Assert.Equal(P2PErrorCode.PairingFailed, stranger.Error);
        Assert.InRange(Assert.Single(_events.OfType<TransferEvent.WrongCode>()).BackOff.TotalSeconds, 1.5, 2);
        Assert.Equal(FileStatus.Skipped, Assert.Single(declined.Files).Status);
        Assert.True(good.Succeeded);
        Assert.Equal(["small"], Directory.GetFileSystemEntries(_pair.Destination).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_killed_sender_leaves_nothing_and_the_next_one_takes_its_place_at_once()
    {
        byte[] content = new byte[8 << 20];
        Random.Shared.NextBytes(content);
        string big = _pair.Write("big", content);
        string small = _pair.Write("small", new byte[5]);
        Open(Receive with { RetryTimeout = TimeSpan.FromSeconds(300) });
        var killable = new KillableConnector(_pair.Relay);
        using var gone = new CancellationTokenSource();
        ValueTask<bool> report = _box!.MoveNextAsync();
        Task<Outcome> killed = Outcome.OfAsync(P2PTransfer.SendAsync(Send with { Paths = [big], Connector = killable, BandwidthLimit = 4 << 20 }, null, gone.Token));
        while (_pair.PartialLength == 0)
            await Task.Delay(5, TestContext.Current.CancellationToken);

        killable.Kill();
        Task<Outcome> next = Outcome.OfAsync(P2PTransfer.SendAsync(Send with { Paths = [small] }));

        Assert.True(await report);
        Assert.Equal(P2PErrorCode.ConnectionLost, _box.Current.Error?.Code);
        Assert.Equal("big", Assert.Single(_box.Current.Files).Name);
        Assert.True(await _box.MoveNextAsync());
        Assert.True(_box.Current.Succeeded);
        Assert.True((await next).Succeeded);
        Assert.Equal(["small"], Directory.GetFileSystemEntries(_pair.Destination, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(Path.GetFileName));
        await gone.CancelAsync();
        await killed;
    }

    [Fact]
    public async Task Every_sender_has_a_folder_of_its_own_whatever_it_calls_itself()
    {
        string file = _pair.Write("f", [7]);
        Open(Receive with { FolderPerSender = true });

        foreach (string name in new[] { "alpha", "../../beta", "" })
            Assert.True((await SendAndReceiveAsync(Send with { Paths = [file], SenderName = name })).Succeeded);

        string[] folders = [.. Directory.GetDirectories(_pair.Destination).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        Assert.Equal(3, folders.Length);
        Assert.Matches("^_.*beta-[0-9a-f]{8}$", folders[0]);
        Assert.Equal(["alpha", "unnamed"], folders[1..]);
        Assert.All(folders, folder => Assert.Equal([7], File.ReadAllBytes(Path.Combine(_pair.Destination, folder, "f"))));
    }

    [Fact]
    public async Task Stopped_it_gives_a_running_transfer_the_drain_time()
    {
        byte[] content = new byte[2 << 20];
        Random.Shared.NextBytes(content);
        string file = _pair.Write("f", content);
        Open(Receive with { DrainTimeout = TimeSpan.FromSeconds(30) });
        ValueTask<bool> report = _box!.MoveNextAsync();
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(Send with { Paths = [file], BandwidthLimit = 2 << 20 }));
        while (_pair.PartialLength == 0)
            await Task.Delay(5, TestContext.Current.CancellationToken);

        await _stop.CancelAsync();

        Assert.True(await report);
        Assert.True(_box.Current.Succeeded);
        Assert.True((await sender).Succeeded);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _box.MoveNextAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Stopped_it_cancels_a_transfer_that_does_not_end_within_the_drain_time(int drain)
    {
        byte[] content = new byte[32 << 20];
        Random.Shared.NextBytes(content);
        string file = _pair.Write("f", content);
        Open(Receive with { DrainTimeout = TimeSpan.FromSeconds(drain) });
        ValueTask<bool> report = _box!.MoveNextAsync();
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(Send with { Paths = [file], BandwidthLimit = 1 << 20 }));
        while (_pair.PartialLength == 0)
            await Task.Delay(5, TestContext.Current.CancellationToken);

        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await report.AsTask().WaitAsync(TimeSpan.FromSeconds(drain + 5)));
        Assert.Equal(P2PErrorCode.PeerAborted, (await sender).Error);
        Assert.Equal(0, _pair.PartialLength);
    }

    [Theory]
    [InlineData("stand1-acorn-bamboo-cactus", false)]
    [InlineData("stand1-hunter2", false)]
    [InlineData(Strong, true)]
    public void It_asks_for_forty_bits_of_secret(string code, bool isEnough)
    {
        P2PException? error = Record.Exception(() => P2PTransfer.ReceiveContinuouslyAsync(Receive with { Code = PairingCode.Parse(code) })) as P2PException;

        Assert.Equal(isEnough ? null : P2PErrorCode.InvalidOption, error?.Code);
        Assert.DoesNotContain(code[7..], error?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relay_that_was_never_reached_ends_it_and_one_that_goes_away_later_does_not()
    {
        string file = _pair.Write("f", [1]);
        var clock = new FastTimeProvider(20);
        _pair.Relay.IsDown = true;
        Open(Receive with { TimeProvider = clock });
        var error = await Assert.ThrowsAsync<P2PException>(async () => await _box!.MoveNextAsync());
        Assert.Equal(P2PErrorCode.RelayConnectFailed, error.Code);

        _pair.Relay.IsDown = false;
        Open(Receive with { TimeProvider = clock });
        Assert.True((await SendAndReceiveAsync(Send with { Paths = [file] })).Succeeded);
        _pair.Relay.IsDown = true;
        ValueTask<bool> report = _box!.MoveNextAsync();
        while (!_events.OfType<TransferEvent.Warning>().Any())
            await Task.Delay(5, TestContext.Current.CancellationToken);
        _pair.Relay.IsDown = false;
        Assert.True((await Outcome.OfAsync(P2PTransfer.SendAsync(Send with { Paths = [file] }))).Succeeded);

        Assert.True(await report);
        Assert.True(_box.Current.Succeeded);
    }

    [Fact]
    public async Task Partials_that_a_killed_receiver_left_are_removed_after_a_week_and_only_those()
    {
        string old = _pair.Write("destination/sub/.0123456789abcdef.p2ppart", [1]);
        string young = _pair.Write("destination/.123456789abcdef0.p2ppart", [1]);
        string other = _pair.Write("destination/notes.p2ppart", [1]);
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-8));
        File.SetLastWriteTimeUtc(young, DateTime.UtcNow.AddDays(-6));
        File.SetLastWriteTimeUtc(other, DateTime.UtcNow.AddDays(-30));
        string file = _pair.Write("f", [1]);
        Open(Receive);

        await SendAndReceiveAsync(Send with { Paths = [file] });

        Assert.Equal((false, true, true), (File.Exists(old), File.Exists(young), File.Exists(other)));
    }

    [Fact]
    public async Task Limits_hold_over_all_rounds_and_for_streams_of_unknown_length()
    {
        Open(Receive with { MaxSize = 3 << 20 });

        TransferReport endless = await SendAndReceiveAsync(Send with { Paths = [], InputStream = new EndlessStream(), Name = "zeros" });
        TransferReport fits = await SendAndReceiveAsync(Send with { Paths = [], InputStream = new MemoryStream(new byte[3 << 20]), Name = "fits" });

        Assert.Equal(P2PErrorCode.LimitExceeded, endless.Error?.Code);
        Assert.True(fits.Succeeded);
        Assert.Equal(["fits"], Directory.GetFileSystemEntries(_pair.Destination, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_sender_that_only_stays_connected_gives_way_after_the_stall_time()
    {
        var clock = new ManualTimeProvider();
        string file = _pair.Write("f", [1]);
        Open(Receive with { TimeProvider = clock, StallTimeout = TimeSpan.FromSeconds(600), SilenceTimeout = TimeSpan.FromSeconds(3600) });
        ValueTask<bool> report = _box!.MoveNextAsync();
        Task<Outcome> idle = ScriptedSender.RunAsync(Send, script => Task.Delay(Timeout.Infinite, script.CancellationToken));
        while (!_events.OfType<TransferEvent.Paired>().Any())
            await Task.Delay(5, TestContext.Current.CancellationToken);

        TimeSpan passed = TimeSpan.Zero;
        Task<bool> ended = report.AsTask();
        for (; !ended.IsCompleted; passed += TimeSpan.FromSeconds(10))
        {
            // Slower after the limit: on a busy machine the watch looks late, and the connection must not count as lost before.
            clock.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(ended, Task.Delay(passed < TimeSpan.FromSeconds(600) ? 20 : 500, TestContext.Current.CancellationToken));
        }

        Assert.True(await ended);
        Assert.Equal(P2PErrorCode.PeerAborted, _box.Current.Error?.Code);
        Assert.True(passed >= TimeSpan.FromSeconds(600));
        Assert.Equal(P2PErrorCode.PeerAborted, (await idle).Error);
        Assert.True((await SendAndReceiveAsync(Send with { Paths = [file] })).Succeeded);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_box is not null)
            await _box.DisposeAsync();
        _stop.Dispose();
        _pair.Dispose();
    }

    private void Open(ReceiveOptions options) => _box = P2PTransfer.ReceiveContinuouslyAsync(options, cancellationToken: _stop.Token).GetAsyncEnumerator();

    private async Task<TransferReport> SendAndReceiveAsync(SendOptions? send = null)
    {
        ValueTask<bool> report = _box!.MoveNextAsync();
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(send ?? Send));
        Assert.True(await report.AsTask().WaitAsync(TestContext.Current.CancellationToken));
        await sender;
        return _box.Current;
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Clear();
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
