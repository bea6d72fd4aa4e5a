using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>What a transfer that was killed or has just ended leaves under the name of a partial.</summary>
public sealed class PartialFileTests : IDisposable
{
    private static readonly ManifestEntry Entry = new("f", EntryKind.File, 4, new DateTime(2020, 5, 5, 5, 5, 5, DateTimeKind.Utc), 0x1A4);

    private readonly TemporaryFolder _folder = new();
    private readonly DestinationTree _tree;

    public PartialFileTests() => _tree = new DestinationTree(_folder.FullPath, new DestinationOptions());

    public void Dispose()
    {
        _tree.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0x1A4)] // rw-r--r--
    [InlineData(0x1ED)] // rwxr-xr-x
    [InlineData(0x124)] // r--r--r--
    public void A_partial_of_a_receiver_that_was_killed_between_the_final_mode_and_the_rename_is_continued(int mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        string partial = _folder.File(WireName.Partial("f"), "1234");
        TemporaryFolder.SetMode(partial, mode);

        Assert.Equal(4, _tree.Decide(Entry).PartialLength);
        using SafeFileHandle compared = _tree.Existing.OpenPartial("f");
        FileStat opened = FileStat.Of(compared, partial);
        using IncomingFile file = _tree.OpenIncoming(Entry, resume: true);

        Assert.Equal(4, file.InitialLength);
        Assert.True(FileStat.Of(file.Handle, partial).IsUnchangedSince(opened));
        Assert.Equal(0x180, TemporaryFolder.Mode(partial)); // for its owner alone again
        file.Commit(Entry, 4);
        Assert.Equal("1234", File.ReadAllText(_folder["f"]));
        Assert.Equal(0x1A4, TemporaryFolder.Mode(_folder["f"]));
    }

    [Fact]
    public void A_partial_that_its_group_may_write_to_is_not_continued_even_if_its_owner_may_not()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        TemporaryFolder.SetMode(_folder.File(WireName.Partial("f"), "1234"), 0x130); // r--rw----
        Assert.Equal(0, _tree.Decide(Entry).PartialLength);
        Assert.Throws<P2PException>(() => _tree.Existing.OpenPartial("f"));
        using IncomingFile file = _tree.OpenIncoming(Entry, resume: true);
        Assert.Equal(0, file.InitialLength);
    }

    [Fact]
    public void The_name_of_a_partial_that_was_renamed_at_this_moment_is_free()
    {
        using FolderHandle real = FileSystem.Current.OpenFolder(_folder.FullPath, out _)!;
        using SafeFileHandle? file = PartialFile.Open(new JustRenamed(real), WireName.Partial("f"), out int error);
        Assert.Equal(0, error);
        Assert.NotNull(file);
    }

    [Fact]
    public void The_sweep_goes_to_the_bottom_of_a_deep_tree()
    {
        string deep = Path.Combine([_folder.FullPath, .. Enumerable.Repeat("d", 300)]);
        Directory.CreateDirectory(deep);
        string partial = Path.Combine(deep, WireName.Partial("f"));
        File.WriteAllText(partial, "old");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(1, PartialSweep.Run(_folder.FullPath, DateTimeOffset.UtcNow.AddDays(1), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(partial));
    }

    [Fact]
    public void A_folder_that_is_removed_between_two_files_is_made_again()
    {
        foreach (string name in new[] { "d/a", "d/b" })
        {
            ManifestEntry entry = Entry with { Name = name };
            using (IncomingFile file = _tree.OpenIncoming(entry, resume: false))
            {
                file.Write(0, "1234"u8);
                file.Commit(entry, 4);
            }

            Assert.Equal("1234", File.ReadAllText(_folder[name]));
            Directory.Delete(_folder["d"], recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_is_swapped_fails_the_file_in_it_and_not_the_next_one()
    {
        ManifestEntry first = Entry with { Name = "d/a" }, second = Entry with { Name = "d/b" };
        using (IncomingFile file = _tree.OpenIncoming(first, resume: false))
        {
            file.Write(0, "1234"u8);
            Directory.Move(_folder["d"], _folder["moved"]);
            Directory.CreateDirectory(_folder["d"]);
            Assert.Equal(P2PErrorCode.IntegrityCheckFailed, Assert.Throws<P2PException>(() => file.Commit(first, 4)).Code);
        }

        using (IncomingFile file = _tree.OpenIncoming(second, resume: false))
        {
            file.Write(0, "1234"u8);
            file.Commit(second, 4);
        }

        Assert.Equal(["b"], Directory.GetFiles(_folder["d"]).Select(Path.GetFileName));
    }

    /// <summary>A partial exists when its creation is tried for the first time, and is gone right after.</summary>
    private sealed class JustRenamed(FolderHandle real) : FolderHandle
    {
        private bool _isGone;

        public override SafeFileHandle? CreateNew(string name, out int error)
        {
            error = FileErrors.AlreadyExists;
            return _isGone ? real.CreateNew(name, out error) : null;
        }

        public override bool TryStat(string name, out FileStat stat, out int error)
        {
            _isGone = true;
            return real.TryStat(name, out stat, out error);
        }

        public override FileStat Stat() => real.Stat();

        public override int Flush() => real.Flush();

        public override FolderHandle? OpenFolder(string relative, out int error) => real.OpenFolder(relative, out error);

        public override IReadOnlyList<string> List(string path) => real.List(path);

        public override SafeFileHandle? OpenRead(string name, out int error) => real.OpenRead(name, out error);

        public override SafeFileHandle? OpenWrite(string name, out int error) => real.OpenWrite(name, out error);

        public override int MakeFolder(string name, UnixFileMode mode) => real.MakeFolder(name, mode);

        public override int MakeLink(string name, string target, DateTime modified) => real.MakeLink(name, target, modified);

        public override string? ReadLink(string name) => real.ReadLink(name);

        public override int Remove(string name) => real.Remove(name);

        public override int Replace(string from, string to) => real.Replace(from, to);

        public override int MoveNew(string from, string to) => real.MoveNew(from, to);

        public override int SetMode(UnixFileMode mode) => real.SetMode(mode);

        public override int SetModified(DateTime modified) => real.SetModified(modified);

        public override UnixFileMode NewMask() => real.NewMask();

        public override void Dispose()
        {
        }
    }
}
