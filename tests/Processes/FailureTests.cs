using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Processes;

/// <summary>Disks and files that refuse: both sides name the file, the rest arrives, the next run completes.</summary>
public sealed class FailureTests : IDisposable
{
    private const string Code = "route9-correct-horse-battery";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_disk_that_fills_up_half_way_fails_the_file_by_name_and_the_next_run_completes()
    {
        byte[] big = new byte[12 << 20];
        new Random(1).NextBytes(big);
        _folder.File("source/a-small.txt");
        File.WriteAllBytes(_folder["source/big.bin"], big);
        using SmallDisk disk = SmallDisk.MountOrSkip("size=16m");
        string filler = Path.Combine(disk.FullPath, "filler");

        // There is room when the plan is made, and no more when the content comes.
        (int sent, int received, string said) = await RunAsync(disk.FullPath, ["--bandwidth-limit", "4MiB"], whenPartial: () => File.WriteAllBytes(filler, new byte[10 << 20]));

        Assert.True((sent, received) == (3, 3), said);
        Assert.Equal(2, said.Split("Failed: source/big.bin").Length - 1);
        Assert.Contains("[FileWriteError]", said, StringComparison.Ordinal);
        Assert.Equal("content", File.ReadAllText(Path.Combine(disk.FullPath, "source/a-small.txt")));
        Assert.False(File.Exists(Path.Combine(disk.FullPath, "source/big.bin")));

        File.Delete(filler);
        (sent, received, said) = await RunAsync(disk.FullPath);
        Assert.True((sent, received) == (0, 0), said);
        Assert.Equal(big, File.ReadAllBytes(Path.Combine(disk.FullPath, "source/big.bin")));
        Assert.Equal(2, Directory.GetFileSystemEntries(Path.Combine(disk.FullPath, "source")).Length);
    }

    [Fact]
    public async Task Too_little_space_for_the_plan_ends_both_with_9_before_anything_is_written()
    {
        File.WriteAllBytes(_folder.File("source/big.bin"), new byte[20 << 20]);
        using SmallDisk disk = SmallDisk.MountOrSkip("size=16m");

        (int sent, int received, string said) = await RunAsync(disk.FullPath);

        Assert.True((sent, received) == (9, 9), said);
        Assert.Empty(Directory.GetFileSystemEntries(disk.FullPath));
    }

    [Fact]
    public async Task A_destination_that_is_read_only_is_refused_before_the_receiver_waits()
    {
        using SmallDisk disk = SmallDisk.MountOrSkip("size=1m");
        disk.MakeReadOnly();

        await using ToolProcess receiver = ToolProcess.Start(Code, "receive", disk.FullPath, "--relay", "ws://127.0.0.1:1");

        Assert.Equal(3, await receiver.WaitAsync());
        Assert.Contains("[FileWriteError]", receiver.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_the_destination_that_is_read_only_fails_every_file_in_it_by_name()
    {
        _folder.File("source/a.txt");
        _folder.File("source/b.txt");
        using SmallDisk disk = SmallDisk.MountOrSkip("size=1m");
        string folder = _folder.Folder("arrived/source");
        Shell.Run("mount", "--bind", disk.FullPath, folder);
        Shell.Run("mount", "-o", "remount,bind,ro", folder);

        (int sent, int received, string said) = await RunAsync(_folder["arrived"]);
        Shell.Run("umount", folder);

        Assert.True((sent, received) == (3, 3), said);
        Assert.Equal(2, said.Split("Failed: source/a.txt [FileWriteError]").Length - 1);
        Assert.Equal(2, said.Split("Failed: source/b.txt [FileWriteError]").Length - 1);
    }

    [Fact]
    public async Task A_destination_made_read_only_half_way_fails_the_file_and_the_next_run_completes()
    {
        byte[] big = new byte[12 << 20];
        new Random(1).NextBytes(big);
        _folder.File("source/a.txt");
        File.WriteAllBytes(_folder["source/big.bin"], big);
        using SmallDisk disk = SmallDisk.MountOrSkip("size=32m");

        // No system lets a file system with a file open for writing be made read-only: its folders go, as with a lost mount.
        string folder = Path.Combine(disk.FullPath, "source");
        (int sent, int received, string said) = await RunAsync(disk.FullPath, ["--bandwidth-limit", "8MiB"], whenPartial: () =>
        {
            Directory.Delete(folder, recursive: true);
            File.WriteAllText(folder, "in the way");
        });

        Assert.True((sent, received) == (3, 3), said);
        Assert.Equal(2, said.Split("Failed: source/big.bin [FileWriteError]").Length - 1);

        File.Delete(folder);
        (sent, received, said) = await RunAsync(disk.FullPath);
        Assert.True((sent, received) == (0, 0), said);
        Assert.Equal(big, File.ReadAllBytes(Path.Combine(folder, "big.bin")));
    }

    [Fact]
    public async Task A_source_that_cannot_be_read_is_named_on_both_sides_and_the_rest_arrives()
    {
        _folder.File("source/good.txt");
        byte[] slow = new byte[8 << 20];
        new Random(1).NextBytes(slow);
        File.WriteAllBytes(_folder.File("source/slow.bin"), slow);
        _folder.File("source/victim.txt");

        // Root may read anything, so the file goes after it was offered and before it is its turn.
        (int sent, int received, string said) = await RunAsync(_folder["arrived"], ["--bandwidth-limit", "4MiB"], whenPartial: () => File.Delete(_folder["source/victim.txt"]));

        Assert.True((sent, received) == (3, 3), said);
        Assert.Equal(2, said.Split("Failed: source/victim.txt [FileReadError]").Length - 1);
        Assert.Equal("content", File.ReadAllText(_folder["arrived/source/good.txt"]));
        Assert.Equal(slow, File.ReadAllBytes(_folder["arrived/source/slow.bin"]));
        Assert.False(File.Exists(_folder["arrived/source/victim.txt"]));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int Sent, int Received, string Said)> RunAsync(
        string destination, string[]? sending = null, Action? whenPartial = null)
    {
        (ToolProcess relay, Uri address) = await ToolProcess.StartRelayAsync();
        await using ToolProcess relayEnd = relay;
        await using ToolProcess receiver = ToolProcess.Start(Code, "receive", destination, "--relay", address.AbsoluteUri);
        await using ToolProcess sender = ToolProcess.Start(Code, ["send", _folder["source"], "--relay", address.AbsoluteUri, "--connections", "1", .. sending ?? []]);
        if (whenPartial is not null)
        {
            while (!HasBegun())
                await Task.Delay(5, TestContext.Current.CancellationToken);
            whenPartial();
        }

        return (await sender.WaitAsync(), await receiver.WaitAsync(), sender.Said + "\n" + receiver.Said);

        bool HasBegun()
            => receiver.HasExited || (Directory.Exists(destination) && new DirectoryInfo(destination)
                .EnumerateFiles("*.p2ppart", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true }).Any(f => f.Length >= 1 << 20));
    }
}
