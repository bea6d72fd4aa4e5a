using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Tests.Unit.Files;

public sealed partial class IncomingFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Content_grows_in_a_partial_that_only_its_owner_may_read_and_the_destination_stays_whole()
    {
        _folder.File("f", "old");
        using IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: false);
        file.Write(0, "new"u8);
        Assert.Equal("old", File.ReadAllText(_folder["f"]));
        string partial = Assert.Single(Directory.GetFiles(_folder.FullPath, "*.p2ppart"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(partial));
        file.Commit(Entry("f"), 3);
        Assert.Equal("new", File.ReadAllText(_folder["f"]));
    }

    [Fact]
    public void Pieces_may_come_in_any_order_from_several_threads()
    {
        byte[] content = new byte[5_000_003];
        new Random(3).NextBytes(content);
        content.AsSpan(1_000_000, 2_000_000).Clear();
        int[] order = Enumerable.Range(0, 51).ToArray();
        new Random(4).Shuffle(order);
        using IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: false);
        Parallel.ForEach(order, piece =>
        {
            int start = piece * 100_000;
            file.Write(start, content.AsSpan(start, Math.Min(100_000, content.Length - start)));
        });
        file.Commit(Entry("f"), content.Length);
        Assert.Equal(content, File.ReadAllBytes(_folder["f"]));
    }

    [Fact]
    public void A_second_transfer_of_the_same_destination_is_told_so_and_harms_nothing()
    {
        using IncomingFile first = Tree().OpenIncoming(Entry("f"), resume: false);
        first.Write(0, "first"u8);
        foreach (bool resume in new[] { true, false })
        {
            var error = Assert.Throws<P2PException>(() => Tree().OpenIncoming(Entry("f"), resume));
            Assert.Equal(P2PErrorCode.FileWriteError, error.Code);
            Assert.Contains("another transfer", error.Message, StringComparison.Ordinal);
        }

        first.Commit(Entry("f"), 5);
        Assert.Equal("first", File.ReadAllText(_folder["f"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_replaced_gives_its_mode_even_if_it_appeared_meanwhile(bool wasNew)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no modes here.");
        using IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: false);
        file.Write(0, "mine"u8);
        _folder.File("f", "theirs");
        TemporaryFolder.SetMode(_folder["f"], (int)(UnixFileMode.UserRead | UnixFileMode.UserWrite));

        file.Commit(Entry("f") with { Mode = 0x1FF }, 4, isNew: wasNew);

        Assert.Equal("mine", File.ReadAllText(_folder["f"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(_folder["f"]).UnixFileMode);
    }

    /// <summary>Between fork and exec a new process has all files of its parent open, with their locks.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_another_process_has_of_a_file_by_being_started_meanwhile_keeps_no_lock(bool commits)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no fork here.");
        IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: false);
        file.Write(0, "whole"u8);
        using var inherited = new SafeFileHandle(dup(file.Handle), ownsHandle: true);
        Assert.False(inherited.IsInvalid);

        if (commits)
        {
            file.Commit(Entry("f"), 5);
            Assert.Equal("whole", File.ReadAllText(_folder["f"]));
        }
        else
        {
            file.Abandon(keepPartial: true);
            using IncomingFile again = Tree().OpenIncoming(Entry("f"), resume: true);
            Assert.Equal(5, again.InitialLength);
        }
    }

    [Fact]
    public void What_was_given_up_can_be_resumed_or_begun_anew_or_is_gone()
    {
        using (IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: false))
        {
            file.Write(0, "0123456789"u8);
            file.Abandon(keepPartial: true);
        }

        DestinationDecision decision = Tree().Decide(Entry("f"));
        Assert.Equal((10L, true), (decision.PartialLength, File.Exists(decision.PartialPath)));

        using (IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: true))
        {
            Assert.Equal(10, file.InitialLength);
            file.Write(10, "ab"u8);
        }

        using (IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: false))
        {
            Assert.Equal(0, file.InitialLength);
            file.Write(0, "x"u8);
            file.Abandon(keepPartial: false);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public void A_partial_that_holds_nothing_is_not_kept()
    {
        Tree().OpenIncoming(Entry("f"), resume: false).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public void A_partial_longer_than_the_file_is_cut()
    {
        TemporaryFolder.SetMode(_folder.File(WireName.Partial("f"), "0123456789"), 0x180);
        using IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: true);
        file.Commit(Entry("f"), 4);
        Assert.Equal("0123", File.ReadAllText(_folder["f"]));
    }

    [Fact]
    public void Zeros_over_old_content_of_a_partial_are_written_not_left_out()
    {
        File.WriteAllBytes(_folder[WireName.Partial("f")], Enumerable.Repeat((byte)7, 300_000).ToArray());
        TemporaryFolder.SetMode(_folder[WireName.Partial("f")], 0x180);
        using IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: true);
        file.Write(65536, new byte[131072]);
        file.Write(300_000, new byte[500_000]);
        file.Commit(Entry("f"), 800_000);
        byte[] bytes = File.ReadAllBytes(_folder["f"]);
        Assert.Equal(800_000, bytes.Length);
        Assert.All(bytes.AsSpan(0, 65536).ToArray(), b => Assert.Equal(7, b));
        Assert.False(bytes.AsSpan(65536, 131072).ContainsAnyExcept((byte)0));
        Assert.False(bytes.AsSpan(300_000).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Long_runs_of_zeros_take_no_space()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Tells the blocks a file takes with stat.");
        byte[] zeros = new byte[1 << 20];
        using IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: false);

        // Pieces that begin anywhere, as they do in the middle of the content.
        const int first = 12_345;
        file.Write(0, zeros.AsSpan(0, first));
        for (int i = 0; i < 32; i++)
            file.Write(first + ((long)i << 20), zeros);
        file.Write(5 << 20, "something"u8);
        file.Commit(Entry("f"), first + (32 << 20));
        Assert.Equal(first + (32 << 20), new FileInfo(_folder["f"]).Length);
        Assert.InRange(long.Parse(Shell.Run("stat", "-c", "%b", _folder["f"])) * 512, 1, 16 * 1024);
    }

    [Theory]
    [InlineData("Skip")]
    [InlineData("Fail")]
    [InlineData("Rename")]
    [InlineData("Update")]
    public void A_file_that_appears_meanwhile_is_treated_as_the_policy_says(string policy)
    {
        var options = new DestinationOptions { OnConflict = Enum.Parse<ConflictPolicy>(policy) };
        using IncomingFile file = new DestinationTree(_folder.FullPath, options).OpenIncoming(Entry("f"), resume: false);
        file.Write(0, "mine"u8);
        _folder.File("f", "theirs");
        switch (options.OnConflict)
        {
            case ConflictPolicy.Skip:
                Assert.True(file.Commit(Entry("f"), 4).WasSkipped);
                break;
            case ConflictPolicy.Fail:
                Assert.Equal(P2PErrorCode.DestinationExists, Assert.Throws<P2PException>(() => file.Commit(Entry("f"), 4)).Code);
                break;
            case ConflictPolicy.Rename:
                Assert.Equal(_folder["f (1)"], file.Commit(Entry("f"), 4).FullPath);
                Assert.Equal("mine", File.ReadAllText(_folder["f (1)"]));
                break;
            case ConflictPolicy.Update:
                file.Commit(Entry("f"), 4);
                break;
        }

        Assert.Equal(policy == "Update" ? "mine" : "theirs", File.ReadAllText(_folder["f"]));
        file.Dispose();
        Assert.Empty(Directory.GetFiles(_folder.FullPath, "*.p2ppart"));
    }

    [Fact]
    public void Renaming_finds_a_free_number_for_each_of_many_at_once()
    {
        _folder.File("f.txt", "old");
        var results = new System.Collections.Concurrent.ConcurrentBag<string>();
        using FolderHandle folder = FileSystem.Current.OpenFolder(_folder.FullPath, out _)!;
        Parallel.For(0, 20, i =>
        {
            // Each under a partial of its own, all for one destination.
            _folder.File($"part{i}", $"{i}");
            results.Add(Placement.Put(folder, $"part{i}", _folder["f.txt"], ConflictPolicy.Rename).FullPath);
        });
        Assert.Equal(20, results.Distinct().Count());
        Assert.Equal(Enumerable.Range(1, 20).Select(i => _folder[$"f ({i}).txt"]).Order(StringComparer.Ordinal), results.Order(StringComparer.Ordinal));
        Assert.Equal("old", File.ReadAllText(_folder["f.txt"]));
    }

    [Theory]
    [InlineData("/x/a.txt", "/x/a (3).txt")]
    [InlineData("/x/.bashrc", "/x/.bashrc (3)")]
    [InlineData("/x/noext", "/x/noext (3)")]
    [InlineData("/x/a.tar.gz", "/x/a.tar (3).gz")]
    public void A_number_goes_before_the_extension(string path, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Paths are spelled otherwise there.");
        Assert.Equal(expected, Placement.Numbered(path, 3));
    }

    [Fact]
    public void A_numbered_name_is_never_too_long()
    {
        string name = Path.GetFileName(Placement.Numbered("/x/" + string.Concat(Enumerable.Repeat("😀", 62)) + ".txt", 12));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(name), 200, 255);
        Assert.EndsWith(" (12).txt", name, StringComparison.Ordinal);
        Assert.True(WellFormed.Is(name));
    }

    [Fact]
    public void A_folder_that_took_the_place_of_the_file_is_an_error_and_stays()
    {
        using IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: false);
        file.Write(0, "x"u8);
        _folder.File("f/inside");
        Assert.Equal(P2PErrorCode.FileWriteError, Assert.Throws<P2PException>(() => file.Commit(Entry("f"), 1)).Code);
        Assert.True(File.Exists(_folder["f/inside"]));
    }

    [Fact]
    public void A_full_disk_is_named_as_such_with_the_file()
    {
        using SmallDisk disk = SmallDisk.MountOrSkip("size=256k");
        using IncomingFile file = new DestinationTree(disk.FullPath, new DestinationOptions()).OpenIncoming(Entry("big"), resume: false);
        byte[] data = new byte[65536];
        Array.Fill(data, (byte)1);
        var error = Assert.Throws<P2PException>(() =>
        {
            for (int i = 0; i < 10; i++)
                file.Write(i * 65536, data);
        });
        Assert.Equal(P2PErrorCode.FileWriteError, error.Code);
        Assert.Contains("big", error.Message, StringComparison.Ordinal);
        Assert.Contains("no space left", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_only_file_system_is_named_as_such()
    {
        using SmallDisk disk = SmallDisk.MountOrSkip("size=256k");
        disk.MakeReadOnly();
        var error = Assert.Throws<P2PException>(() => new DestinationTree(disk.FullPath, new DestinationOptions()).OpenIncoming(Entry("f"), false));
        Assert.Equal(P2PErrorCode.FileWriteError, error.Code);
        Assert.Contains("read-only", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Copied_ranges_come_from_the_old_content()
    {
        _folder.File("f", "0123456789");
        using IncomingFile file = Tree().OpenIncoming(Entry("f"), resume: false);
        using (Microsoft.Win32.SafeHandles.SafeFileHandle basis = File.OpenHandle(_folder["f"]))
        {
            byte[] piece = new byte[5];
            file.ReadFrom(basis, 5, piece);
            file.Write(0, piece);
            file.ReadFrom(basis, 0, piece);
            file.Write(5, piece);
            Assert.Throws<P2PException>(() => file.ReadFrom(basis, 8, piece));
        }

        using IncomingFile again = file;
        file.Write(0, "56789"u8);
        file.Commit(Entry("f"), 10);
        Assert.Equal("5678901234", File.ReadAllText(_folder["f"]));
    }

    private static ManifestEntry Entry(string name) => new(name, EntryKind.File, 0, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc), 0x1A4);

    private DestinationTree Tree() => new(_folder.FullPath, new DestinationOptions());

    [LibraryImport("libc")]
    private static partial int dup(SafeFileHandle file);
}
