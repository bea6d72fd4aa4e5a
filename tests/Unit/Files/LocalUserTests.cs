using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>
/// Another user of the receiving machine may write to the destination. That user can neither redirect a write nor keep a
/// way to a received file.
/// </summary>
public sealed partial class LocalUserTests : IDisposable
{
    private const int OnlyOwner = 0x180;

    private static readonly DateTime Time = new(2020, 5, 5, 5, 5, 5, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _outside = new();
    private readonly DestinationTree _tree;

    public LocalUserTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        _tree = new DestinationTree(_folder["in"], new DestinationOptions());
    }

    public void Dispose()
    {
        _tree.Dispose();
        _folder.Dispose();
        _outside.Dispose();
    }

    [Fact]
    public void A_folder_swapped_for_a_link_after_the_offer_leads_no_file_outside()
    {
        Offer("d", "d/sub");
        Swap("in/d/sub", _outside.FullPath);
        P2PException refused = Assert.Throws<P2PException>(() => _tree.OpenIncoming(Entry("d/sub/f"), resume: false));
        Assert.Equal(P2PErrorCode.NameRefused, refused.Code);
        NothingOutside();
    }

    [Fact]
    public void A_folder_swapped_for_a_link_while_a_file_arrives_leads_the_finished_file_nowhere()
    {
        Offer("d");
        using IncomingFile file = _tree.OpenIncoming(Entry("d/f"), resume: false);
        file.Write(0, "1234"u8);
        _outside.File(WireName.Partial("f"), "planted");
        Swap("in/d", _outside.FullPath);
        Assert.Throws<P2PException>(() => file.Commit(Entry("d/f"), 4));
        file.Abandon(keepPartial: false);
        Assert.Equal("planted", File.ReadAllText(_outside[WireName.Partial("f")]));
        Assert.False(File.Exists(_outside["f"]));
    }

    [Fact]
    public void A_folder_swapped_for_another_folder_while_a_file_arrives_does_not_get_another_file()
    {
        Offer("d");
        using IncomingFile file = _tree.OpenIncoming(Entry("d/f"), resume: false);
        file.Write(0, "1234"u8);
        Directory.Move(_folder["in/d"], _folder["in/moved"]);
        _folder.File("in/d/" + WireName.Partial("f"), "planted");
        P2PException failure = Assert.Throws<P2PException>(() => file.Commit(Entry("d/f"), 4));
        Assert.Equal(P2PErrorCode.IntegrityCheckFailed, failure.Code);
        Assert.False(File.Exists(_folder["in/d/f"]));
    }

    [Fact]
    public void A_folder_swapped_for_a_link_gets_no_folder_link_mode_or_time_outside()
    {
        Offer("d", "d/sub");
        TemporaryFolder.SetMode(_outside.FullPath, 0x1C0);
        DateTime before = Directory.GetLastWriteTimeUtc(_outside.FullPath);
        Swap("in/d/sub", _outside.FullPath);

        Assert.Throws<P2PException>(() => _tree.CreateFolder(Folder("d/sub/new")));
        Assert.Throws<P2PException>(() => _tree.CreateLink(new ManifestEntry("d/sub/l", EntryKind.Link, 0, Time, LinkTarget: "x")));
        Assert.NotEmpty(_tree.FinishFolders());

        NothingOutside();
        Assert.Equal(0x1C0, TemporaryFolder.Mode(_outside.FullPath));
        Assert.Equal(before, Directory.GetLastWriteTimeUtc(_outside.FullPath));
    }

    [Fact]
    public void A_folder_swapped_for_a_link_gives_no_content_from_outside_and_loses_none()
    {
        Offer("d");
        _folder.File("in/d/f", "old");
        _outside.File("f", "secret");
        TemporaryFolder.SetMode(_outside.File(WireName.Partial("f"), "secret"), OnlyOwner);
        Swap("in/d", _outside.FullPath);
        Assert.Throws<P2PException>(() => _tree.Existing.Open("d/f"));
        Assert.Throws<P2PException>(() => _tree.Existing.OpenPartial("d/f"));
        _tree.RemovePartial("d/f");
        Assert.True(File.Exists(_outside[WireName.Partial("f")]));
    }

    /// <summary>The list names the hash of an unchanged file, which is read when the transfer has ended.</summary>
    [Theory]
    [InlineData("in/d/f", "secret")]
    [InlineData("in/d", "")]
    public async Task A_file_or_folder_swapped_for_a_link_after_the_transfer_gives_no_hash_of_another_file(string swapped, string target)
    {
        _outside.File("secret", "of root");
        _outside.File("f", "of root");
        string file = _folder.File("in/d/f", "1234");
        var report = new TransferReport { Files = [new FileReport { Name = "d/f", Kind = FileReportKind.File, Status = FileStatus.Unchanged, FullName = file }] };
        await Sha256List.WriteAsync(_folder["good"], _folder["in"], report, TestContext.Current.CancellationToken);
        Assert.Contains("  d/f", File.ReadAllText(_folder["good"]), StringComparison.Ordinal);

        Swap(swapped, Path.Combine(_outside.FullPath, target));
        await Assert.ThrowsAsync<IOException>(() => Sha256List.WriteAsync(_folder["list"], _folder["in"], report, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(_folder["list"]));
    }

    [Fact]
    public void The_sweep_follows_no_link_and_takes_links_that_were_never_placed()
    {
        var later = DateTimeOffset.UtcNow.AddDays(1);
        _folder.Folder("in");
        TemporaryFolder.SetMode(_outside.File(WireName.Partial("f"), "partial"), OnlyOwner);
        _folder.Link("in/d", _outside.FullPath);
        _folder.Link("in/" + WireName.Partial("l"), "nowhere");
        Assert.Equal(1, PartialSweep.Run(_folder["in"], later, TestContext.Current.CancellationToken));
        Assert.True(File.Exists(_outside[WireName.Partial("f")]));
        Assert.Equal(["d"], Directory.GetFileSystemEntries(_folder["in"]).Select(Path.GetFileName));
    }

    /// <summary>A link has the modification time of the sender's link from the start, so only its last change tells its age.</summary>
    [Fact]
    public void The_sweep_leaves_a_link_that_a_transfer_has_just_made()
    {
        _folder.Folder("in");
        string link = _folder.Link("in/" + WireName.Partial("l"), "nowhere");
        Shell.Run("touch", "-h", "-d", "2000-01-01", link);
        Assert.Equal(0, PartialSweep.Run(_folder["in"], DateTimeOffset.UtcNow.AddHours(-1), TestContext.Current.CancellationToken));
        Assert.Equal(1, PartialSweep.Run(_folder["in"], DateTimeOffset.UtcNow.AddHours(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_link_that_cannot_be_placed_leaves_no_partial()
    {
        _folder.File("in/l/inside");
        Assert.Throws<P2PException>(() => _tree.CreateLink(new ManifestEntry("l", EntryKind.Link, 0, Time, LinkTarget: "x")));
        Assert.Equal(["l"], Directory.GetFileSystemEntries(_folder["in"]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_hard_link_planted_as_partial_is_not_written_to()
    {
        string victim = _outside.File("victim", "precious");
        TemporaryFolder.SetMode(victim, OnlyOwner);
        _folder.Folder("in");
        Shell.Run("ln", victim, _folder["in/" + WireName.Partial("f")]);
        NotAdopted();
        Assert.Equal("precious", File.ReadAllText(victim));
    }

    [Fact]
    public void A_partial_that_others_may_write_to_is_not_continued_and_their_handle_is_worth_nothing()
    {
        string planted = _folder.File("in/" + WireName.Partial("f"), "planted");
        TemporaryFolder.SetMode(planted, 0x1B6);
        using SafeFileHandle handle = OpenUnlocked(planted);
        NotAdopted();
        RandomAccess.Write(handle, "changed"u8, 0);
        Assert.Equal("1234", File.ReadAllText(_folder["in/f"]));
    }

    [Fact]
    public void A_partial_of_another_user_is_not_continued()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can give a file away.");
        string planted = _folder.File("in/" + WireName.Partial("f"), "planted");
        TemporaryFolder.SetMode(planted, OnlyOwner);
        Shell.Run("chown", "65534", planted);
        NotAdopted();
    }

    [Fact]
    public void A_partial_that_another_program_changes_is_not_renamed()
    {
        using (IncomingFile file = _tree.OpenIncoming(Entry("f"), resume: false))
        {
            file.Write(0, "1234"u8);
            using (SafeFileHandle other = OpenUnlocked(_folder["in/" + WireName.Partial("f")]))
                RandomAccess.Write(other, "more"u8, 4);
            Assert.Equal(P2PErrorCode.IntegrityCheckFailed, Assert.Throws<P2PException>(() => file.Commit(Entry("f"), 4)).Code);
        }

        using (IncomingFile file = _tree.OpenIncoming(Entry("f"), resume: false))
        {
            file.Write(0, "1234"u8);
            File.Delete(_folder["in/" + WireName.Partial("f")]);
            _folder.File("in/" + WireName.Partial("f"), "abcd");
            Assert.Equal(P2PErrorCode.IntegrityCheckFailed, Assert.Throws<P2PException>(() => file.Commit(Entry("f"), 4)).Code);
        }

        Assert.False(File.Exists(_folder["in/f"]));
    }

    [Theory]
    [InlineData("a/b", 0)]
    [InlineData("a/l", FileErrors.IsLink)]
    [InlineData("l", FileErrors.IsLink)]
    [InlineData("l/b", FileErrors.IsLink)]
    [InlineData("f", FileErrors.NotAFolder)]
    [InlineData("a/none", FileErrors.NoSuchFile)]
    public void A_path_is_walked_alike_with_one_call_and_step_by_step(string path, int expected)
    {
        _folder.Folder("a/b");
        _folder.Link("l", "a");
        _folder.Link("a/l", "b");
        _folder.File("f");
        using var root = (PosixFolder)FileSystem.Current.OpenFolder(_folder.FullPath, out _)!;
        using FolderHandle? atOnce = root.OpenFolder(path, out int error);
        using FolderHandle? inSteps = root.OpenStepByStep(path, out int errorInSteps);
        Assert.Equal((expected, expected), (error, errorInSteps));
        Assert.Equal((expected == 0, expected == 0), (atOnce is not null, inSteps is not null));
    }

    private void Offer(params string[] folders)
    {
        foreach (string folder in folders)
        {
            Assert.Equal(DecisionKind.Want, _tree.Decide(Folder(folder)).Kind);
            _tree.CreateFolder(Folder(folder));
        }
    }

    private void Swap(string folder, string target)
    {
        Directory.Move(_folder[folder], _folder[folder + " away"]);
        _folder.Link(folder, target);
    }

    private void NotAdopted()
    {
        Assert.Null(_tree.Decide(Entry("f")).PartialPath);
        Assert.Throws<P2PException>(() => _tree.Existing.OpenPartial("f"));
        using (IncomingFile file = _tree.OpenIncoming(Entry("f"), resume: true))
        {
            Assert.Equal(0, file.InitialLength);
            file.Write(0, "1234"u8);
            file.Commit(Entry("f"), 4);
        }

        Assert.Equal("1234", File.ReadAllText(_folder["in/f"]));
    }

    // The library takes a lock when it opens a file.
    private static SafeFileHandle OpenUnlocked(string path)
    {
        const int readWrite = 2;
        var file = new SafeFileHandle(open(path, readWrite), ownsHandle: true);
        Assert.False(file.IsInvalid);
        return file;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    private void NothingOutside() => Assert.Empty(Directory.GetFileSystemEntries(_outside.FullPath));

    private static ManifestEntry Entry(string name) => new(name, EntryKind.File, 4, Time, 0x1A4);

    private static ManifestEntry Folder(string name) => new(name, EntryKind.Folder, 0, Time, 0x1ED);
}
