using P2PCopy.Files.Names;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>Every conflict policy with everything that may be at the destination, through a whole transfer.</summary>
public sealed class ConflictTests : IDisposable
{
    private static readonly DateTime Time = new(2020, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    private readonly TransferPair _pair = new();

    [Fact]
    public async Task What_an_earlier_run_left_of_a_file_that_is_kept_now_is_removed()
    {
        string source = _pair.Write("source/file.txt", [1, 2, 3]);
        Directory.CreateDirectory(_pair.Destination);
        File.WriteAllText(Target, "there");
        string partial = Path.Combine(_pair.Destination, WireName.Partial("file.txt"));
        File.WriteAllText(partial, "left");
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Paths = [source] }, _pair.Receive with { OnConflict = ConflictPolicy.Skip });
        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.Equal("there", File.ReadAllText(Target));
        Assert.False(File.Exists(partial));
    }

    public enum There
    {
        Missing,
        Same,
        Older,
        Newer,
        Different,
        Folder,
    }

    public enum Result
    {
        Copied,
        Unchanged,
        Skipped,
        Renamed,
        Exists,
        InTheWay,
    }

    private string Target => Path.Combine(_pair.Destination, "file.txt");

    [Theory]
    [InlineData(ConflictPolicy.Update, There.Missing, Result.Copied)]
    [InlineData(ConflictPolicy.Update, There.Same, Result.Unchanged)]
    [InlineData(ConflictPolicy.Update, There.Older, Result.Copied)]
    [InlineData(ConflictPolicy.Update, There.Newer, Result.Copied)]
    [InlineData(ConflictPolicy.Update, There.Different, Result.Copied)]
    [InlineData(ConflictPolicy.Update, There.Folder, Result.InTheWay)]
    [InlineData(ConflictPolicy.Overwrite, There.Missing, Result.Copied)]
    [InlineData(ConflictPolicy.Overwrite, There.Same, Result.Copied)]
    [InlineData(ConflictPolicy.Overwrite, There.Older, Result.Copied)]
    [InlineData(ConflictPolicy.Overwrite, There.Newer, Result.Copied)]
    [InlineData(ConflictPolicy.Overwrite, There.Different, Result.Copied)]
    [InlineData(ConflictPolicy.Overwrite, There.Folder, Result.InTheWay)]
    [InlineData(ConflictPolicy.Skip, There.Missing, Result.Copied)]
    [InlineData(ConflictPolicy.Skip, There.Same, Result.Skipped)]
    [InlineData(ConflictPolicy.Skip, There.Older, Result.Skipped)]
    [InlineData(ConflictPolicy.Skip, There.Newer, Result.Skipped)]
    [InlineData(ConflictPolicy.Skip, There.Different, Result.Skipped)]
    [InlineData(ConflictPolicy.Skip, There.Folder, Result.InTheWay)]
    [InlineData(ConflictPolicy.Rename, There.Missing, Result.Copied)]
    [InlineData(ConflictPolicy.Rename, There.Same, Result.Renamed)]
    [InlineData(ConflictPolicy.Rename, There.Older, Result.Renamed)]
    [InlineData(ConflictPolicy.Rename, There.Newer, Result.Renamed)]
    [InlineData(ConflictPolicy.Rename, There.Different, Result.Renamed)]
    [InlineData(ConflictPolicy.Rename, There.Folder, Result.InTheWay)]
    [InlineData(ConflictPolicy.Newer, There.Missing, Result.Copied)]
    [InlineData(ConflictPolicy.Newer, There.Same, Result.Unchanged)]
    [InlineData(ConflictPolicy.Newer, There.Older, Result.Copied)]
    [InlineData(ConflictPolicy.Newer, There.Newer, Result.Skipped)]
    [InlineData(ConflictPolicy.Newer, There.Different, Result.Skipped)]
    [InlineData(ConflictPolicy.Newer, There.Folder, Result.InTheWay)]
    [InlineData(ConflictPolicy.Fail, There.Missing, Result.Copied)]
    [InlineData(ConflictPolicy.Fail, There.Same, Result.Exists)]
    [InlineData(ConflictPolicy.Fail, There.Older, Result.Exists)]
    [InlineData(ConflictPolicy.Fail, There.Newer, Result.Exists)]
    [InlineData(ConflictPolicy.Fail, There.Different, Result.Exists)]
    [InlineData(ConflictPolicy.Fail, There.Folder, Result.InTheWay)]
    public async Task Each_policy_does_what_it_says(ConflictPolicy policy, There there, Result result)
    {
        // Below the size from which blocks are compared, and above it.
        await CheckAsync(policy, there, result, 1000);
        await CheckAsync(policy, there, result, 300_000);
    }

    /// <summary>"All" and "none" are for one kind: files that are newer here, or the others.</summary>
    [Theory]
    [InlineData(ConflictAnswer.Replace, ConflictAnswer.Keep, "new1 new2", "old3 old4", 4)]
    [InlineData(ConflictAnswer.ReplaceAll, ConflictAnswer.KeepAll, "new1 new2", "old3 old4", 2)]
    [InlineData(ConflictAnswer.KeepAll, ConflictAnswer.ReplaceAll, "old1 old2", "new3 new4", 2)]
    public async Task Ask_asks_about_each_file_that_would_be_replaced(ConflictAnswer aboutOlder, ConflictAnswer aboutNewer, string older, string newer, int questions)
    {
        for (int i = 1; i <= 4; i++)
        {
            File.SetLastWriteTimeUtc(_pair.Write($"source/{i}.txt", System.Text.Encoding.UTF8.GetBytes($"new{i}")), Time);
            string here = Path.Combine(_pair.Destination, "source", $"{i}.txt");
            Directory.CreateDirectory(Path.GetDirectoryName(here)!);
            File.WriteAllText(here, $"old{i}");
            File.SetLastWriteTimeUtc(here, i <= 2 ? Time.AddDays(-1) : Time.AddDays(1));
        }

        _pair.Write("source/first-time.txt", [1]);
        List<FileConflict> asked = [];
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send, _pair.Receive with
        {
            OnConflict = ConflictPolicy.Ask,
            ResolveConflict = (conflict, _) =>
            {
                asked.Add(conflict);
                return ValueTask.FromResult(conflict.IsNewerHere ? aboutNewer : aboutOlder);
            },
        });

        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.Equal(questions, asked.Count);
        Assert.All(asked, c => Assert.Equal((4L, 4L, Time), (c.Length, c.OfferedLength, c.OfferedTime)));
        string[] now = [.. Enumerable.Range(1, 4).Select(i => File.ReadAllText(Path.Combine(_pair.Destination, "source", $"{i}.txt")))];
        Assert.Equal($"{older} {newer}", string.Join(' ', now));
        Assert.True(File.Exists(Path.Combine(_pair.Destination, "source", "first-time.txt")));
        Assert.DoesNotContain(_pair.Destination, string.Concat(sender.Report!.Files.Select(f => f.Message)));
    }

    [Fact]
    public async Task Ask_does_not_replace_a_file_that_no_one_was_asked_about()
    {
        _pair.Write("source/a.txt", [1]);
        _pair.Write("source/b.txt", [2]);
        string a = Path.Combine(_pair.Destination, "source", "a.txt"), b = Path.Combine(_pair.Destination, "source", "b.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(b)!);
        File.WriteAllText(b, "here");
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send, _pair.Receive with
        {
            OnConflict = ConflictPolicy.Ask,
            ResolveConflict = (conflict, _) =>
            {
                // The decision about a.txt, which was missing, is made already.
                if (conflict.FullName == b)
                    File.WriteAllText(a, "of another program");
                return ValueTask.FromResult(ConflictAnswer.Replace);
            },
        });

        FileReport failed = Assert.Single(receiver.Report!.Files, f => f.Error is not null);
        Assert.Equal(("source/a.txt", P2PErrorCode.DestinationExists), (failed.Name, failed.Error));
        Assert.False(sender.Succeeded);
        Assert.Equal("of another program", File.ReadAllText(a));
        Assert.Equal([2], File.ReadAllBytes(b));
    }

    [Fact]
    public async Task Ask_needs_an_answer()
    {
        P2PException e = await Assert.ThrowsAsync<P2PException>(() => P2PTransfer.ReceiveAsync(_pair.Receive with { OnConflict = ConflictPolicy.Ask }));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
    }

    [Fact]
    public async Task Checksum_finds_other_content_of_the_same_size_and_time()
    {
        byte[] content = Offer(100_000);
        Put([.. content.Select(b => (byte)~b)], Time);

        (Outcome sender, Outcome receiver) = await RunAsync(r => r);
        Assert.Equal(FileStatus.Unchanged, receiver.Report!.Files[0].Status);

        (sender, receiver) = await RunAsync(r => r with { Checksum = true });
        Assert.True(sender.Succeeded);
        Assert.Equal(FileStatus.Copied, receiver.Report!.Files[0].Status);
        Assert.Equal(content, File.ReadAllBytes(Target));

        // And knows the same content, whatever its time.
        File.SetLastWriteTimeUtc(Target, Time.AddDays(3));
        (sender, receiver) = await RunAsync(r => r with { Checksum = true });
        Assert.Equal(FileStatus.Unchanged, receiver.Report!.Files[0].Status);
        Assert.Equal(0, sender.Report!.ChunksTransferred);
        Assert.Equal(Time, File.GetLastWriteTimeUtc(Target));
    }

    [Theory]
    [InlineData(0, 1, FileStatus.Copied)]
    [InlineData(2, 2, FileStatus.Unchanged)]
    [InlineData(2, 3, FileStatus.Copied)]
    public async Task Modify_window_is_how_far_times_may_differ(int window, int difference, FileStatus status)
    {
        byte[] content = Offer(1000);
        Put(content, Time.AddSeconds(difference));

        (_, Outcome receiver) = await RunAsync(r => r with { ModifyWindow = TimeSpan.FromSeconds(window) });

        Assert.Equal(status, receiver.Report!.Files[0].Status);
    }

    [Fact]
    public async Task A_file_in_the_place_of_a_folder_fails_what_belongs_below_it_and_nothing_else()
    {
        _pair.Write("source/folder/inside.txt", [1]);
        _pair.Write("source/outside.txt", [2]);
        Directory.CreateDirectory(Path.Combine(_pair.Destination, "source"));
        File.WriteAllText(Path.Combine(_pair.Destination, "source", "folder"), "in the way");

        (Outcome sender, Outcome receiver) = await _pair.RunAsync();

        string[] failed = ["source/folder", "source/folder/inside.txt"];
        Assert.All([sender, receiver], o => Assert.Equal(failed, o.Report!.Files.Where(f => f.Error is not null).Select(f => f.Name).Order()));
        Assert.Equal("in the way", File.ReadAllText(Path.Combine(_pair.Destination, "source", "folder")));
        Assert.Equal([2], File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "outside.txt")));
    }

    public void Dispose() => _pair.Dispose();

    private async Task CheckAsync(ConflictPolicy policy, There there, Result result, int length)
    {
        if (Directory.Exists(_pair.Destination))
            Directory.Delete(_pair.Destination, recursive: true);
        byte[] content = Offer(length);
        byte[] old = [.. content.Reverse()];
        switch (there)
        {
            case There.Same:
                Put(old = content, Time);
                break;
            case There.Older:
                Put(old, Time.AddDays(-1));
                break;
            case There.Newer:
                Put(old, Time.AddDays(1));
                break;
            case There.Different:
                Put(old = [.. old, 1], Time);
                break;
            case There.Folder:
                Directory.CreateDirectory(Path.Combine(Target, "deeper"));
                break;
        }

        (Outcome sender, Outcome receiver) = await RunAsync(r => r with { OnConflict = policy });

        (FileStatus status, P2PErrorCode? error) = result switch
        {
            Result.Copied or Result.Renamed => (FileStatus.Copied, default(P2PErrorCode?)),
            Result.Unchanged => (FileStatus.Unchanged, null),
            Result.Skipped => (FileStatus.Skipped, null),
            Result.Exists => (FileStatus.Failed, P2PErrorCode.DestinationExists),
            _ => (FileStatus.Failed, P2PErrorCode.FileWriteError),
        };
        Assert.All([sender, receiver], o => Assert.Equal((status, error), (o.Report!.Files[0].Status, o.Report.Files[0].Error)));
        Assert.Equal(error is null, sender.Succeeded);
        Assert.DoesNotContain(_pair.Destination, sender.Report!.Files[0].Message ?? ""); // where it lies is not the sender's business
        string[] names = [.. Directory.GetFileSystemEntries(_pair.Destination, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(p => Path.GetFileName(p)!).Order()];
        Assert.Equal(result == Result.Renamed ? ["file (1).txt", "file.txt"] : ["file.txt"], names);
        if (there == There.Folder)
        {
            Assert.True(Directory.Exists(Path.Combine(Target, "deeper")));
            return;
        }

        Assert.Equal(result is Result.Copied or Result.Unchanged ? content : old, File.ReadAllBytes(Target));
        if (result == Result.Renamed)
        {
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(_pair.Destination, "file (1).txt")));
            Assert.Equal(Path.Combine(_pair.Destination, "file (1).txt"), receiver.Report!.Files[0].FullName);
        }
    }

    private byte[] Offer(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        File.SetLastWriteTimeUtc(_pair.Write("source/file.txt", content), Time);
        return content;
    }

    private void Put(byte[] content, DateTime time)
    {
        Directory.CreateDirectory(_pair.Destination);
        File.WriteAllBytes(Target, content);
        File.SetLastWriteTimeUtc(Target, time);
    }

    private Task<(Outcome Sender, Outcome Receiver)> RunAsync(Func<ReceiveOptions, ReceiveOptions> change)
        => TransferPair.RunAsync(_pair.Send with { Paths = [_pair.Folder["source/file.txt"]] }, change(_pair.Receive));
}
