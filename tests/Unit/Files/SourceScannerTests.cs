using P2PCopy.Files.Names;
using P2PCopy.Files.Source;

namespace P2PCopy.Tests.Unit.Files;

public sealed class SourceScannerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_deep_tree_needs_few_open_files()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts the open files in /proc.");
        const int depth = 400, mostOpen = 40;
        _folder.File(string.Concat(Enumerable.Repeat("d/", depth)) + "leaf");
        using var stop = new CancellationTokenSource();
        Task<int> counting = Task.Run(() =>
        {
            int most = 0;
            for (int i = 0; i < 30; i++)
                most = Math.Max(most, OpenBelow(_folder.FullPath));
            stop.Cancel();
            return most;
        });
        do
        {
            Assert.Equal(depth + 1, SourceScanner.Scan(new SourceSelection { Paths = [_folder["d"]] }, default).Entries.Count);
        }
        while (!stop.IsCancellationRequested);
        Assert.InRange(await counting, 0, mostOpen);
    }

    [Fact]
    public void A_folder_arrives_under_its_name_with_every_folder_before_its_content_in_ordinal_order()
    {
        _folder.File("tree/b.txt");
        _folder.File("tree/a/z");
        _folder.File("tree/a-b");
        _folder.Folder("tree/empty");
        Assert.Equal(["tree", "tree/a", "tree/a/z", "tree/a-b", "tree/b.txt", "tree/empty"], Names(Scan(_folder["tree"])));
    }

    [Fact]
    public void A_separator_at_the_end_changes_nothing()
    {
        _folder.File("tree/a");
        Assert.Equal(Names(Scan(_folder["tree"])), Names(Scan(_folder["tree"] + "/")));
    }

    [Fact]
    public void Dot_and_dot_dot_take_the_real_name_of_the_folder()
    {
        _folder.File("tree/sub/a");
        Assert.Equal(["tree", "tree/sub", "tree/sub/a"], Names(Scan(_folder["tree/sub/.."])));
        Assert.Equal(["sub", "sub/a"], Names(Scan(_folder["tree/sub/."])));
    }

    [Fact]
    public void Items_inside_another_item_are_sent_once_at_their_place()
    {
        _folder.File("tree/sub/a");
        _folder.File("tree/b");
        SourceTree tree = Scan(_folder["tree/sub/a"], _folder["tree/sub"], _folder["tree"], _folder["tree/b"], _folder["tree/"]);
        Assert.Equal(["tree", "tree/b", "tree/sub", "tree/sub/a"], Names(tree));
        Assert.Empty(tree.Problems);
    }

    [Fact]
    public void Items_of_a_recursive_listing_arrive_as_the_tree_they_are()
    {
        _folder.File("tree/sub/a");
        _folder.File("tree/b");
        string[] listing = Directory.GetFileSystemEntries(_folder["tree"], "*", SearchOption.AllDirectories);
        Assert.Equal(["b", "sub", "sub/a"], Names(Scan(listing)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_are_relative_to_the_base_path()
    {
        _folder.File("x/y/a");
        _folder.File("x/z/a");
        SourceTree tree = Scan(new SourceSelection { Paths = [_folder["x/y/a"], _folder["x/z/a"]], BasePath = _folder.FullPath });
        Assert.Equal(["x/y/a", "x/z/a"], Names(tree));
        Assert.All(tree.Entries, entry => Assert.True(File.Exists(entry.FullPath), entry.FullPath));
    }

    [Fact]
    public void The_base_path_itself_sends_its_content()
    {
        _folder.File("x/a");
        Assert.Equal(["a"], Names(Scan(new SourceSelection { Paths = [_folder["x"]], BasePath = _folder["x"] })));
    }

    [Fact]
    public void An_item_outside_the_base_path_is_an_invalid_option()
    {
        _folder.File("a");
        _folder.Folder("x");
        var error = Assert.Throws<P2PException>(() => Scan(new SourceSelection { Paths = [_folder["a"]], BasePath = _folder["x"] }));
        Assert.Equal(P2PErrorCode.InvalidOption, error.Code);
    }

    [Fact]
    public void Two_items_that_would_arrive_under_one_name_are_an_error_that_names_both()
    {
        string a = _folder.File("x/same"), b = _folder.File("y/same");
        var error = Assert.Throws<P2PException>(() => Scan(a, b));
        Assert.Equal(P2PErrorCode.InvalidOption, error.Code);
        Assert.Contains(a, error.Message, StringComparison.Ordinal);
        Assert.Contains(b, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_item_is_its_own_problem_and_the_rest_goes_on()
    {
        _folder.File("a");
        SourceTree tree = Scan(_folder["a"], _folder["nowhere"]);
        Assert.Equal(["a"], Names(tree));
        Assert.Contains("nowhere", Assert.Single(tree.Problems).Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_readable_at_all_is_an_error()
        => Assert.Equal(P2PErrorCode.FileReadError, Assert.Throws<P2PException>(() => Scan(_folder["nowhere"])).Code);

    [Fact]
    public void Lengths_times_and_modes_are_those_of_the_file_system()
    {
        var time = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(1234567);
        string path = _folder.File("t/a", "12345", time);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)0x980); // 04600: the set-user-id bit goes
        ManifestEntry entry = Scan(_folder["t"]).Entries.Single(e => e.Entry.Name == "t/a").Entry;
        Assert.Equal((5, time), (entry.Length, entry.Modified));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(0x180, entry.Mode);
    }

    [Fact]
    public void Links_are_left_out_with_a_warning_unless_asked_for()
    {
        _folder.File("t/a");
        _folder.Link("t/l", "a");
        SourceTree tree = Scan(_folder["t"]);
        Assert.Equal(["t", "t/a"], Names(tree));
        Assert.Contains("t/l", Assert.Single(tree.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Followed_links_are_what_they_point_to_and_never_come_round_in_a_circle()
    {
        _folder.File("outside/x");
        _folder.File("t/sub/a");
        _folder.Link("t/file", "sub/a");
        _folder.Link("t/out", "../outside");
        _folder.Link("t/sub/up", "..");
        _folder.Link("outside/back", "../t");
        SourceTree tree = Scan(new SourceSelection { Paths = [_folder["t"]], Links = LinkPolicy.Follow });
        Assert.Equal(["t", "t/file", "t/out", "t/out/x", "t/sub", "t/sub/a"], Names(tree));
        Assert.Equal(2, tree.Warnings.Count);
        Assert.Equal(EntryKind.File, tree.Entries.Single(e => e.Entry.Name == "t/file").Entry.Kind);
    }

    [Fact]
    public void A_followed_link_to_nothing_is_a_problem()
    {
        _folder.File("t/a");
        _folder.Link("t/l", "gone");
        Assert.Equal("t/l", Assert.Single(Scan(new SourceSelection { Paths = [_folder["t"]], Links = LinkPolicy.Follow }).Problems).Name);
    }

    [Fact]
    public void Preserved_links_keep_their_target_if_it_is_inside_the_tree()
    {
        _folder.File("t/sub/a");
        _folder.File("other");
        _folder.Link("t/sub/good", "../sub/a");
        _folder.Link("t/up", "../other");
        _folder.Link("t/abs", _folder["t/sub/a"]);
        SourceTree tree = Scan(new SourceSelection { Paths = [_folder["t"]], Links = LinkPolicy.Preserve });
        Assert.Equal(["t", "t/sub", "t/sub/a", "t/sub/good"], Names(tree));
        Assert.Equal("../sub/a", tree.Entries[^1].Entry.LinkTarget);
        Assert.Equal(2, tree.Warnings.Count);
    }

    [Fact]
    public void A_file_reached_only_through_a_link_is_an_item_of_its_own()
    {
        _folder.File("real/a");
        _folder.Folder("t");
        _folder.Link("t/l", "../real");
        Assert.Equal(["t", "a"], Names(Scan(_folder["t"], _folder["t/l/a"])));
    }

    [Fact]
    public void Unfinished_files_of_ours_are_left_out()
    {
        _folder.File("t/" + WireName.Partial("x"));
        SourceTree tree = Scan(_folder["t"]);
        Assert.Equal(["t"], Names(tree));
        Assert.Single(tree.Warnings);
    }

    [Fact]
    public void Pipes_are_left_out_with_a_warning()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in folders.");
        _folder.Folder("t");
        Shell.Run("mkfifo", _folder["t/pipe"]);
        SourceTree tree = Scan(_folder["t"]);
        Assert.Equal(["t"], Names(tree));
        Assert.Contains("t/pipe", Assert.Single(tree.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_no_text_is_a_problem_by_name_and_never_opens_its_neighbour()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux keeps any bytes as a name.");
        _folder.Folder("t");
        Shell.Run("sh", "-c", $"cd '{_folder["t"]}' && printf x > \"$(printf 'a\\377')\" && printf y > ok");
        SourceTree tree = Scan(_folder["t"]);
        Assert.Equal(["t", "t/ok"], Names(tree));
        Assert.Contains("not valid Unicode", Assert.Single(tree.Problems).Problem.Message, StringComparison.Ordinal);

        File.WriteAllText(_folder["t/a\uFFFD"], "z");
        tree = Scan(_folder["t"]);
        Assert.Equal(["t", "t/a\uFFFD", "t/ok"], Names(tree));
        Assert.Single(tree.Problems);
    }

    [Fact]
    public void Awkward_names_are_listed_as_they_are()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "These names are not allowed there.");
        string[] names = [" lead", "-rf", "10:00.log", "[x]", "a\\b", "new\nline", "trail ", new string('n', 255), "é", "e\u0301", "😀"];
        foreach (string name in names)
            _folder.File("t/" + name);
        Assert.Equal(names.Order(StringComparer.Ordinal).Select(name => "t/" + name), Names(Scan(_folder["t"])).Skip(1));
    }

    internal static SourceTree Scan(params string[] paths) => Scan(new SourceSelection { Paths = paths });

    internal static SourceTree Scan(SourceSelection selection) => SourceScanner.Scan(selection, CancellationToken.None);

    internal static string[] Names(SourceTree tree) => tree.Entries.Select(entry => entry.Entry.Name).ToArray();

    private static int OpenBelow(string folder)
        => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(entry =>
        {
            try
            {
                return new FileInfo(entry).LinkTarget?.StartsWith(folder, StringComparison.Ordinal) == true;
            }
            catch (IOException)
            {
                return false; // closed meanwhile
            }
        });
}
