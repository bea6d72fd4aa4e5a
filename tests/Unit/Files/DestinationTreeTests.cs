using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Probes;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>What becomes of each entry of an offer.</summary>
public sealed class DestinationTreeTests : DestinationTests
{
    // Every policy against every state of the destination. The sender offers 4 bytes of the time above.
    [Theory]
    [InlineData("Update", "missing", "Want")]
    [InlineData("Update", "same", "Unchanged")]
    [InlineData("Update", "older", "Want")]
    [InlineData("Update", "newer", "Want")]
    [InlineData("Update", "different", "Want")]
    [InlineData("Update", "folder", "FileWriteError")]
    [InlineData("Overwrite", "missing", "Want")]
    [InlineData("Overwrite", "same", "Want")]
    [InlineData("Overwrite", "older", "Want")]
    [InlineData("Overwrite", "newer", "Want")]
    [InlineData("Overwrite", "different", "Want")]
    [InlineData("Overwrite", "folder", "FileWriteError")]
    [InlineData("Skip", "missing", "Want")]
    [InlineData("Skip", "same", "Skip")]
    [InlineData("Skip", "older", "Skip")]
    [InlineData("Skip", "newer", "Skip")]
    [InlineData("Skip", "different", "Skip")]
    [InlineData("Skip", "folder", "FileWriteError")]
    [InlineData("Rename", "missing", "Want")]
    [InlineData("Rename", "same", "Want")]
    [InlineData("Rename", "older", "Want")]
    [InlineData("Rename", "newer", "Want")]
    [InlineData("Rename", "different", "Want")]
    [InlineData("Rename", "folder", "FileWriteError")]
    [InlineData("Newer", "missing", "Want")]
    [InlineData("Newer", "same", "Unchanged")]
    [InlineData("Newer", "older", "Want")]
    [InlineData("Newer", "newer", "Skip")]
    [InlineData("Newer", "different", "Skip")]
    [InlineData("Newer", "folder", "FileWriteError")]
    [InlineData("Fail", "missing", "Want")]
    [InlineData("Fail", "same", "DestinationExists")]
    [InlineData("Fail", "older", "DestinationExists")]
    [InlineData("Fail", "newer", "DestinationExists")]
    [InlineData("Fail", "different", "DestinationExists")]
    [InlineData("Fail", "folder", "FileWriteError")]
    public void Every_policy_decides_about_every_state_as_documented(string policy, string state, string expected)
    {
        Prepare(state);
        DestinationTree tree = Tree(Enum.Parse<ConflictPolicy>(policy));
        DestinationDecision decision = tree.Decide(Entry("f", 4));
        Assert.Equal(expected, decision.Kind == DecisionKind.Refuse ? decision.Code.ToString() : decision.Kind.ToString());
        if (decision.Kind != DecisionKind.Want)
            return;

        // What is wanted is also written: the bytes arrive, and only Rename keeps what was there.
        string before = File.Exists(Root["f"]) ? File.ReadAllText(Root["f"]) : "";
        CommitResult result = Write(tree, Entry("f", 4), "NEW!");
        Assert.Equal("NEW!", File.ReadAllText(result.FullPath));
        Assert.Equal(Time, File.GetLastWriteTimeUtc(result.FullPath));
        bool kept = policy == "Rename" && state != "missing";
        Assert.Equal(kept ? Root["f (1)"] : Root["f"], result.FullPath);
        Assert.Equal(kept ? before : "NEW!", File.ReadAllText(Root["f"]));
        Assert.Empty(Directory.GetFiles(Root.FullPath, "*.p2ppart"));
    }

    [Fact]
    public void Checksum_wants_the_content_compared_whatever_size_and_time_say()
    {
        Prepare("same");
        DestinationDecision decision = new DestinationTree(Root.FullPath, new DestinationOptions { Checksum = true }).Decide(Entry("f", 4));
        Assert.Equal((DecisionKind.Want, 4L), (decision.Kind, decision.ExistingLength));
    }

    [Theory]
    [InlineData(0, "Want")]
    [InlineData(1, "Want")]
    [InlineData(2, "Unchanged")]
    public void Times_within_the_window_count_as_equal(int window, string expected)
    {
        Root.File("f", "1234", Time.AddSeconds(2));
        var options = new DestinationOptions { ModifyWindow = TimeSpan.FromSeconds(window) };
        Assert.Equal(expected, new DestinationTree(Root.FullPath, options).Decide(Entry("f", 4)).Kind.ToString());
    }

    [Fact]
    public void A_time_survives_the_way_to_the_disk_and_back_to_a_tenth_of_a_microsecond()
    {
        DestinationTree tree = Tree();
        ManifestEntry entry = Entry("f", 4) with { Modified = Time.AddTicks(1234567) };
        Write(tree, entry, "1234");
        tree.BeginRound();
        Assert.Equal(DecisionKind.Unchanged, tree.Decide(entry).Kind);
    }

    [Fact]
    public void A_file_in_the_place_of_a_folder_fails_that_folder_and_all_in_it()
    {
        Root.File("d");
        DestinationTree tree = Tree();
        Assert.Equal(P2PErrorCode.FileWriteError, tree.Decide(Folder("d")).Code);
        Assert.Equal(P2PErrorCode.FileWriteError, tree.Decide(Entry("d/x/y", 1)).Code);
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("e", 1)).Kind);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/abs")]
    [InlineData("a/../../x")]
    [InlineData(".0123456789abcdef.p2ppart")]
    public void A_hostile_name_is_refused_by_name(string name)
        => Assert.Equal(P2PErrorCode.NameRefused, Tree().Decide(Entry(name, 1)).Code);

    [Fact]
    public void On_a_folding_file_system_the_first_of_two_spellings_wins()
    {
        var tree = new DestinationTree(Root.FullPath, new DestinationOptions { Folding = new Probe(true) });
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("Readme", 1)).Kind);
        DestinationDecision second = tree.Decide(Entry("README", 1));
        Assert.Equal(P2PErrorCode.NameRefused, second.Code);
        Assert.Contains("Readme", second.Message!, StringComparison.Ordinal);

        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("Dir/a", 1)).Kind);
        Assert.Equal(P2PErrorCode.NameRefused, tree.Decide(Entry("dir/b", 1)).Code);
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("Dir/b", 1)).Kind);

        tree.BeginRound();
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("Readme", 1)).Kind);
        Assert.Equal(P2PErrorCode.NameRefused, tree.Decide(Entry("README", 1)).Code);
    }

    [Fact]
    public void Two_compositions_of_one_name_are_noticed_by_the_file_itself_where_spellings_cannot_be_compared()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs a file's number.");
        var tree = new DestinationTree(Root.FullPath, new DestinationOptions { Folding = new Probe(true) });
        const string composed = "caf\u00e9", decomposed = "cafe\u0301";
        Write(tree, Entry(composed, 4), "1234");

        // A hard link does what a folding file system would: the other spelling is the same file.
        Shell.Run("ln", Root[composed], Root[decomposed]);
        Assert.Equal(P2PErrorCode.NameRefused, Assert.Throws<P2PException>(() => Write(tree, Entry(decomposed, 4), "5678")).Code);
        Assert.Equal("1234", File.ReadAllText(Root[composed]));
        Write(tree, Entry(composed, 4), "again");
    }

    [Fact]
    public void Elsewhere_both_spellings_arrive()
    {
        var tree = new DestinationTree(Root.FullPath, new DestinationOptions { Folding = new Probe(false) });
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("Readme", 1)).Kind);
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("README", 1)).Kind);
    }

    [Fact]
    public void A_name_offered_twice_in_a_round_is_refused_the_second_time_and_allowed_in_the_next_round()
    {
        DestinationTree tree = Tree();
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("f", 1)).Kind);
        Assert.Equal(P2PErrorCode.NameRefused, tree.Decide(Entry("f", 1)).Code);
        tree.BeginRound();
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("f", 1)).Kind);
    }

    [Fact]
    public void Deciding_writes_nothing_not_even_the_destination()
    {
        DestinationTree tree = new(Root["not/yet"], new DestinationOptions());
        Assert.Equal(DecisionKind.Want, tree.Decide(Folder("d")).Kind);
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("d/f", 1)).Kind);
        Assert.NotNull(tree.Space.FreeBytes);
        Assert.Empty(Directory.GetFileSystemEntries(Root.FullPath));
    }

    [Fact]
    public void Folders_get_their_modes_and_times_last_even_read_only_ones()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        DestinationTree tree = Tree();
        ManifestEntry[] folders = [Folder("a") with { Mode = 0x16D }, Folder("a/b") with { Mode = 0x16D, Modified = Time.AddDays(1) }];
        foreach (ManifestEntry folder in folders)
        {
            Assert.Equal(DecisionKind.Want, tree.Decide(folder).Kind);
            tree.CreateFolder(folder);
        }

        Write(tree, Entry("a/b/f", 4), "1234");
        Assert.Empty(tree.FinishFolders());
        foreach (ManifestEntry folder in folders)
        {
            Assert.Equal(folder.Modified, Directory.GetLastWriteTimeUtc(Root[folder.Name]));
            Assert.Equal(0x16D, TemporaryFolder.Mode(Root[folder.Name]));
        }
    }

    [Fact]
    public void Set_user_id_and_the_like_never_come_from_a_peer()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        DestinationTree tree = Tree();
        Write(tree, Entry("f", 4) with { Mode = 0xFED }, "1234"); // 07755
        tree.CreateFolder(Folder("d") with { Mode = 0xFED });
        tree.FinishFolders();
        Assert.Equal(0x1ED, TemporaryFolder.Mode(Root["f"]));
        Assert.Equal(0x1ED, TemporaryFolder.Mode(Root["d"]));
    }

    [Fact]
    public void A_file_without_a_mode_keeps_that_of_the_file_it_replaces()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        TemporaryFolder.SetMode(Root.File("f", "old"), 0x1A0);
        Write(Tree(), Entry("f", 4) with { Mode = null }, "1234");
        Assert.Equal(0x1A0, TemporaryFolder.Mode(Root["f"]));
    }

    [Fact]
    public void The_plan_must_fit_before_the_first_byte()
    {
        DestinationTree tree = Tree();
        tree.Reserve(Entry("small", 1), default);
        Assert.Null(tree.Space.Objection());
        tree.Reserve(Entry("large", long.MaxValue), default);
        Assert.Equal(P2PErrorCode.InsufficientSpace, tree.Space.Objection()!.Code);
    }

    [Fact]
    public void A_folder_that_is_read_only_on_both_sides_is_opened_for_the_time_of_the_transfer()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "Root may write into any folder.");
        Root.Folder("d");
        TemporaryFolder.SetMode(Root["d"], 0x16D);
        DestinationTree tree = Tree();
        tree.Decide(Folder("d") with { Mode = 0x16D });
        Write(tree, Entry("d/f", 4), "1234");
        Write(tree, Entry("d/sub/f", 4), "1234");
        tree.FinishFolders();
        Assert.Equal(0x16D, TemporaryFolder.Mode(Root["d"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    public void A_folder_that_somebody_closed_here_stays_closed(string closed)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "Root may write into any folder.");
        Root.Folder("d");
        TemporaryFolder.SetMode(Root[closed], 0x16D);
        DestinationTree tree = Tree();
        tree.Decide(Folder("d"));

        P2PException failure = Assert.Throws<P2PException>(() => Write(tree, Entry(closed.Length == 0 ? "f" : "d/f", 4), "1234"));

        TemporaryFolder.SetMode(Root[closed], 0x1ED);
        Assert.Equal(P2PErrorCode.FileWriteError, failure.Code);
        Assert.Empty(Directory.GetFileSystemEntries(Root["d"]));
    }

    [Fact]
    public void A_probe_of_this_platforms_file_system_tells_what_writing_would_show()
    {
        Root.File("Probe");
        using FolderHandle folder = FileSystem.Current.OpenFolder(Root.FullPath, out _)!;
        Assert.Equal(File.Exists(Root["pROBE"]), FoldingProbe.Instance.Folds(folder, Root.FullPath) && !OperatingSystem.IsMacOS());
        Assert.Equal(["Probe"], Directory.GetFileSystemEntries(Root.FullPath).Select(Path.GetFileName));
    }

    private void Prepare(string state)
    {
        switch (state)
        {
            case "same":
                Root.File("f", "1234", Time);
                break;
            case "older":
                Root.File("f", "1234", Time.AddSeconds(-1));
                break;
            case "newer":
                Root.File("f", "1234", Time.AddSeconds(1));
                break;
            case "different":
                Root.File("f", "12345", Time);
                break;
            case "folder":
                Root.Folder("f");
                break;
        }
    }

    private sealed class Probe(bool folds) : IFoldingProbe
    {
        public bool Folds(FolderHandle folder, string path) => folds;
    }
}
