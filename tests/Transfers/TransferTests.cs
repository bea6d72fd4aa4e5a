using System.Collections.Concurrent;
using P2PCopy.Primitives;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

public sealed class TransferTests : IDisposable
{
    private readonly TransferPair _pair = new();

    [Theory]
    [InlineData(PayloadEncryption.On, HashMode.On)]
    [InlineData(PayloadEncryption.Off, HashMode.On)]
    [InlineData(PayloadEncryption.On, HashMode.Off)]
    public async Task A_tree_arrives_as_it_is(PayloadEncryption encryption, HashMode hash)
    {
        MakeTree(_pair);

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Encryption = encryption, Hash = hash },
            _pair.Receive with { Encryption = encryption });

        Assert.Null(sender.Exception);
        Assert.Null(receiver.Exception);
        Assert.True(sender.Succeeded);
        Assert.True(receiver.Succeeded);
        Assert.Equal(TransferPair.Describe(_pair.Source), TransferPair.Describe(System.IO.Path.Combine(_pair.Destination, "source")));
        Assert.Equal(sender.Report!.Files.Select(f => (f.Name, f.Hash, f.Status)), receiver.Report!.Files.Select(f => (f.Name, f.Hash, f.Status)));
        Assert.All(receiver.Report.Files, f => Assert.Equal(hash == HashMode.On && f.Kind == FileReportKind.File, f.Hash is not null));
    }

    [Fact]
    public async Task A_second_run_finds_everything_unchanged()
    {
        MakeTree(_pair);
        await _pair.RunAsync();

        (Outcome sender, Outcome receiver) = await _pair.RunAsync();

        Assert.True(sender.Succeeded);
        Assert.All(receiver.Report!.Files, f => Assert.Equal(FileStatus.Unchanged, f.Status));
        Assert.Equal(0, sender.Report!.ChunksTransferred);
    }

    [Fact]
    public async Task A_changed_file_travels_by_what_differs()
    {
        byte[] content = new byte[8 << 20];
        new Random(3).NextBytes(content);
        _pair.Write("source/big.bin", content);
        await _pair.RunAsync();
        new Random(4).NextBytes(content.AsSpan(3 << 20, 100_000));
        byte[] moved = [.. new byte[1000], .. content];
        _pair.Write("source/big.bin", moved);

        (Outcome sender, Outcome receiver) = await _pair.RunAsync();

        Assert.True(sender.Succeeded, sender.Report?.Error?.ToString());
        Assert.Equal(moved, File.ReadAllBytes(System.IO.Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.InRange(sender.Report!.BytesTransferred, 100_000, 500_000);
        Assert.Equal(sender.Report.Files.Single(f => f.Name.EndsWith(".bin", StringComparison.Ordinal)).Hash, receiver.Report!.Files.Single(f => f.Name.EndsWith(".bin", StringComparison.Ordinal)).Hash);
    }

    [Fact]
    public async Task A_touched_file_of_the_same_content_does_not_travel_and_gets_its_new_time()
    {
        byte[] content = new byte[1 << 20];
        new Random(3).NextBytes(content);
        string path = _pair.Write("source/big.bin", content);
        await _pair.RunAsync();
        File.SetLastWriteTimeUtc(path, new DateTime(2010, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        (Outcome sender, Outcome receiver) = await _pair.RunAsync();

        Assert.True(sender.Succeeded, sender.Report?.Error?.ToString());
        Assert.Equal(0, sender.Report!.ChunksTransferred);
        Assert.Equal(FileStatus.Unchanged, receiver.Report!.Files.Single(f => f.Kind == FileReportKind.File).Status);
        Assert.Equal(2010, File.GetLastWriteTimeUtc(System.IO.Path.Combine(_pair.Destination, "source", "big.bin")).Year);
    }

    [Fact]
    public async Task A_run_after_one_that_was_cut_short_sends_only_the_rest()
    {
        byte[] content = new byte[8 << 20];
        new Random(5).NextBytes(content);
        _pair.Write("source/big.bin", content);
        int large = 0;
        _pair.Relay.OnMessage = m =>
        {
            if (m.Bytes.Length < 100_000 || Interlocked.Increment(ref large) <= 5)
                return [m.Bytes];
            // Cut when what came before is written, so that there is something to go on from.
            SpinWait.SpinUntil(() => _pair.PartialLength >= 4 << 20, TimeSpan.FromSeconds(20));
            return null;
        };
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { RetryTimeout = TimeSpan.FromSeconds(0) }, _pair.Receive with { RetryTimeout = TimeSpan.FromSeconds(0) });
        Assert.Equal(P2PErrorCode.ConnectionLost, sender.Error);
        Assert.Equal(P2PErrorCode.ConnectionLost, receiver.Error);
        Assert.Equal(FileStatus.Unconfirmed, sender.Report!.Files.Single(f => f.Kind == FileReportKind.File).Status);

        _pair.Relay.OnMessage = m => [m.Bytes];
        (sender, receiver) = await _pair.RunAsync();

        Assert.True(sender.Succeeded, sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.Equal(content, File.ReadAllBytes(System.IO.Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.InRange(sender.Report!.ChunksTransferred, 1, 5); // at most 4 MiB and the trailer
        Assert.InRange(receiver.Report!.BytesReused, 4 << 20, 8 << 20);
        Assert.Equal(receiver.Report.BytesReused, sender.Report.BytesReused);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((1 << 20) - 34)]
    [InlineData((1 << 20) - 33)]
    [InlineData(1 << 20)]
    [InlineData((3 << 20) + 17)]
    public async Task A_stream_of_unknown_length_arrives_to_its_end(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        using var output = new MemoryStream();

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Paths = [], InputStream = new MemoryStream(content), Name = "dump" },
            _pair.Receive with { OutputStream = output });

        Assert.True(sender.Succeeded, sender.Exception?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.Equal(content, output.ToArray());
        Assert.Equal(sender.Report!.Files[0].Hash, receiver.Report!.Files[0].Hash);
    }

    [Fact]
    public async Task A_receiver_that_asks_gets_the_plan_and_nothing_changes_before_the_answer()
    {
        DateTime old = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc), recent = old.AddDays(1);
        foreach (string name in (string[])["new.txt", "same.txt", "older-here.txt", "newer-here.txt", "run.sh", ".hidden/.profile"])
            File.SetLastWriteTimeUtc(_pair.Write("source/" + name, "offered content"u8.ToArray()), old.AddHours(1));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_pair.Folder["source/run.sh"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetLastWriteTimeUtc(_pair.Write("destination/source/same.txt", "offered content"u8.ToArray()), old.AddHours(1));
        File.SetLastWriteTimeUtc(_pair.Write("destination/source/older-here.txt", "old"u8.ToArray()), old);
        File.SetLastWriteTimeUtc(_pair.Write("destination/source/newer-here.txt", "edited"u8.ToArray()), recent);
        TransferPlan? plan = null;

        await TransferPair.RunAsync(_pair.Send, _pair.Receive with
        {
            ConfirmOffer = (offer, _) =>
            {
                plan = offer.Plan;
                return ValueTask.FromResult(false);
            },
        });

        Assert.Equal(_pair.Destination, plan!.Destination);
        Assert.Equal((3, 2, 1, 1, 0), (plan.NewFiles, plan.ReplacedFiles, plan.NewerHere, plan.UnchangedFiles, plan.LeftFiles));
        Assert.Equal(["source/newer-here.txt"], plan.NewerNames);
        Assert.Equal(["source/older-here.txt"], plan.ReplacedNames);
        Assert.Equal((OperatingSystem.IsWindows() ? 0 : 1, 1, 5 * 15), (plan.ExecutableFiles, plan.HiddenFiles, plan.BytesToTransfer));
        Assert.Equal("edited", File.ReadAllText(System.IO.Path.Combine(_pair.Destination, "source", "newer-here.txt")));
        Assert.False(File.Exists(System.IO.Path.Combine(_pair.Destination, "source", "new.txt")));
    }

    [Fact]
    public async Task The_duration_is_that_of_the_transfer_and_not_of_the_person_who_agrees()
    {
        MakeTree(_pair);
        var clock = new ShiftedClock();

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send with { TimeProvider = clock }, _pair.Receive with
        {
            TimeProvider = clock,
            ConfirmOffer = (_, _) =>
            {
                clock.Shift(TimeSpan.FromHours(1));
                return ValueTask.FromResult(true);
            },
        });

        Assert.InRange(sender.Report!.Duration, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(59));
        Assert.InRange(receiver.Report!.Duration, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(59));
    }

    [Fact]
    public async Task The_duration_is_not_that_of_the_person_who_is_asked_about_a_file()
    {
        _pair.Write("source/f", [1, 2]);
        _pair.Write("destination/source/f", [1]);
        var clock = new ShiftedClock();
        int asked = 0;

        (Outcome _, Outcome receiver) = await TransferPair.RunAsync(_pair.Send, _pair.Receive with
        {
            TimeProvider = clock,
            OnConflict = ConflictPolicy.Ask,
            ResolveConflict = (_, _) =>
            {
                asked++;
                clock.Shift(TimeSpan.FromHours(1));
                return ValueTask.FromResult(ConflictAnswer.Replace);
            },
        });

        Assert.Equal(1, asked);
        Assert.InRange(receiver.Report!.Duration, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(59));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(ConflictPolicy.Update, 0)]
    [InlineData(ConflictPolicy.Newer, 0)]
    public async Task A_file_that_is_newer_here_is_replaced_with_a_word_where_nobody_chose_that(ConflictPolicy? policy, int warnings)
    {
        DateTime old = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_pair.Write("source/f", [1, 2]), old);
        File.SetLastWriteTimeUtc(_pair.Write("destination/source/f", [1]), old.AddDays(1));
        var told = new ConcurrentQueue<string>();

        (Outcome _, Outcome receiver) = await TransferPair.RunAsync(_pair.Send, _pair.Receive with
        {
            OnConflict = policy,
            OnEvent = e =>
            {
                if (e is TransferEvent.Warning warning)
                    told.Enqueue(warning.Message);
            },
        });

        Assert.True(receiver.Succeeded);
        Assert.Equal(warnings, told.Count(m => m == "\"source/f\" is newer here and is replaced by an older file."));
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_offered_fails_alone_and_is_offered_once_more()
    {
        MakeTree(_pair);
        string victim = _pair.Folder["source/big.bin"];
        bool shrunk = false;

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send, _pair.Receive with
        {
            ConfirmOffer = (_, _) =>
            {
                if (!shrunk)
                    File.WriteAllBytes(victim, new byte[1000]);
                shrunk = true;
                return ValueTask.FromResult(true);
            },
        });

        Assert.True(sender.Succeeded, sender.Report?.Files.FirstOrDefault(f => f.Error is not null)?.Message);
        Assert.True(receiver.Succeeded);
        Assert.Equal(1000, new FileInfo(System.IO.Path.Combine(_pair.Destination, "source", "big.bin")).Length);
    }

    [Fact]
    public async Task A_file_that_disappears_fails_by_name_on_both_sides_and_the_rest_arrives()
    {
        MakeTree(_pair);

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send, _pair.Receive with
        {
            ConfirmOffer = (_, _) =>
            {
                File.Delete(_pair.Folder["source/big.bin"]);
                return ValueTask.FromResult(true);
            },
        });

        Assert.Equal([("source/big.bin", P2PErrorCode.FileReadError)], Failures(sender));
        Assert.Equal([("source/big.bin", P2PErrorCode.FileReadError)], Failures(receiver));
        Assert.Equal("hello", File.ReadAllText(System.IO.Path.Combine(_pair.Destination, "source", "a.txt")));
        Assert.False(File.Exists(System.IO.Path.Combine(_pair.Destination, "source", "big.bin")));
    }

    [Fact]
    public async Task Cutting_the_connection_again_and_again_loses_nothing_and_repeats_nothing_that_was_acknowledged()
    {
        byte[] content = new byte[12 << 20];
        new Random(7).NextBytes(content);
        _pair.Write("source/big.bin", content);
        int large = 0;
        _pair.Relay.OnMessage = m => m.Bytes.Length > 100_000 && Interlocked.Increment(ref large) % 4 == 0 ? null : [m.Bytes];

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { ChunkSize = OptionLimits.MinChunkSize }, _pair.Receive);

        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.Equal(content, File.ReadAllBytes(System.IO.Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.True(sender.Report!.Reconnects >= 5);
        Assert.Contains(_pair.SenderEvents, e => e is TransferEvent.Reconnected);
    }

    [Fact]
    public async Task Chunks_that_shrink_to_nothing_do_not_overrun_a_slow_receiver()
    {
        _pair.Write("source/zeros.txt", [.. Enumerable.Repeat((byte)'z', 100 << 20)]);

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { ChunkSize = OptionLimits.MinChunkSize, Compression = PayloadCompression.On },
            _pair.Receive);

        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.InRange(sender.Report!.BytesTransferred, 0, 2 << 20);
    }

    [Fact]
    public async Task Four_streams_carry_one_file_and_losing_one_is_no_error()
    {
        byte[] content = new byte[24 << 20];
        new Random(8).NextBytes(content);
        _pair.Write("source/big.bin", content);
        var carried = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        int cut = 0;
        _pair.Relay.OnMessage = m =>
        {
            if (m.Bytes.Length > 100_000)
            {
                carried.AddOrUpdate(m.Room, 1, (_, n) => n + 1);
                SpinWait.SpinUntil(() => carried.Count > 2, TimeSpan.FromSeconds(30)); // no link carries everything before the others are up
                if (Interlocked.Exchange(ref cut, 1) == 0)
                    return null;
            }

            return [m.Bytes];
        };

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { ChunkSize = OptionLimits.MinChunkSize, Connections = 4 }, _pair.Receive);

        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.Equal(content, File.ReadAllBytes(System.IO.Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.Equal(1, cut);
        Assert.True(carried.Count >= 3, $"only {carried.Count} streams carried chunks");
    }

    public void Dispose() => _pair.Dispose();

    private static IEnumerable<(string, P2PErrorCode)> Failures(Outcome outcome)
        => outcome.Report!.Files.Where(f => f.Error is not null).Select(f => (f.Name, f.Error!.Value));

    internal static async Task WaitForAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    internal static void MakeTree(TransferPair pair)
    {
        byte[] big = new byte[(5 << 20) + 123];
        new Random(1).NextBytes(big);
        pair.Write("source/big.bin", big);
        pair.Write("source/a.txt", "hello"u8.ToArray());
        pair.Write("source/empty", []);
        for (int i = 0; i < 300; i++)
            pair.Write($"source/many/{i % 7}/{i}.dat", [.. Enumerable.Repeat((byte)i, i * 11)]);
        Directory.CreateDirectory(pair.Folder["source/nothing/in/here"]);
        File.SetLastWriteTimeUtc(pair.Folder["source/a.txt"], new DateTime(1999, 12, 31, 23, 59, 58, DateTimeKind.Utc));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(pair.Folder["source/a.txt"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.SetLastWriteTimeUtc(pair.Folder["source/nothing"], new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
    }
}
