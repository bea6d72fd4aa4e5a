using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Flushing;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>Writing through to the disk.</summary>
public sealed class FlushTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Many_files_wait_for_the_disk_together_and_none_for_ever()
    {
        var barrier = new ContentBarrier(TimeProvider.System);
        var files = Enumerable.Range(0, 200).Select(i => (Number: barrier.Number(), Handle: File.OpenHandle(_folder[$"f{i}"], FileMode.CreateNew, FileAccess.ReadWrite))).ToList();

        int[] errors = await Task.WhenAll(files.AsParallel().Select(file => barrier.FlushAsync(file.Handle, file.Number, 1).AsTask()));

        Assert.All(errors, error => Assert.Equal(0, error));
        files.ForEach(file => file.Handle.Dispose());
    }

    [Fact]
    public async Task A_file_that_cannot_be_flushed_fails_and_does_not_stop_the_others()
    {
        var barrier = new ContentBarrier(TimeProvider.System);
        using SafeFileHandle good = File.OpenHandle(_folder["f"], FileMode.CreateNew, FileAccess.ReadWrite);
        SafeFileHandle closed = File.OpenHandle(_folder["g"], FileMode.CreateNew, FileAccess.ReadWrite);
        closed.Dispose();

        await Assert.ThrowsAnyAsync<ObjectDisposedException>(() => barrier.FlushAsync(closed, barrier.Number(), 1).AsTask());
        Assert.Equal(0, await barrier.FlushAsync(good, barrier.Number(), 1));
    }

    [Fact]
    public async Task A_file_system_in_memory_has_no_disk_to_wait_for()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm") && Directory.Exists("/sys/kernel"), "Linux has a memory file system.");
        string path = $"/dev/shm/p2pcopy-test-{Guid.NewGuid():N}";
        using SafeFileHandle memory = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        using SafeFileHandle other = File.OpenHandle("/sys/kernel/mm/transparent_hugepage/enabled");

        Assert.True(FileSystem.Current.IsInMemory(memory));
        Assert.False(FileSystem.Current.IsInMemory(other));
        Assert.Equal(0, await new ContentBarrier(TimeProvider.System).FlushAsync(memory, 1, 1));
    }

    [Fact]
    public void Names_of_entries_that_are_gone_are_failures()
    {
        using var tree = new DestinationTree(_folder["destination"], new DestinationOptions());
        ManifestEntry there = Entry("a/there"), gone = Entry("b/gone");
        using (IncomingFile file = tree.OpenIncoming(there, resume: false))
        {
            file.Write(0, "x"u8);
            file.Commit(there, 1);
        }

        Assert.Empty(tree.Names.Flush([there]));
        Assert.Empty(tree.Names.FlushExisting([there]));
        Assert.Equal(["b/gone"], tree.Names.Flush([gone]).Keys);
    }

    [Fact]
    public void The_cheaper_way_to_flush_is_measured()
    {
        var choice = new FlushChoice();
        Assert.False(choice.IsTogether(1));
        Assert.True(choice.IsTogether(100));

        for (int i = 0; i < 10; i++)
            choice.NoteTogether(TimeSpan.FromSeconds(3), isAvailable: true); // another program writes much
        Assert.False(choice.IsTogether(100));

        Assert.Contains(Enumerable.Range(0, 200), _ => choice.IsTogether(100)); // tried again
        choice.NoteTogether(TimeSpan.Zero, isAvailable: false);
        Assert.False(choice.IsTogether(100_000));
    }

    public void Dispose() => _folder.Dispose();

    private static ManifestEntry Entry(string name) => new(name, EntryKind.File, 1, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
}
