using P2PCopy.Files.Source;
using static P2PCopy.Tests.Unit.Files.SourceScannerTests;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>Which files the patterns of a selection keep.</summary>
public sealed class SourcePatternTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(LinkPolicy.Skip)]
    [InlineData(LinkPolicy.Preserve)]
    public void A_selection_of_which_everything_is_left_out_is_an_error_and_no_empty_success(LinkPolicy links)
    {
        _folder.File("tree/a");
        _folder.Link("link", "tree");

        P2PException e = Assert.Throws<P2PException>(() => Scan(new SourceSelection { Paths = [_folder["link"]], Links = links }));

        Assert.Equal(P2PErrorCode.FileReadError, e.Code);
        Assert.StartsWith("Nothing can be sent: The link \"link\" was left out", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*.lgo", null, "`Include` \"*.lgo\" left out every file, such as \"t/a.txt\".")]
    [InlineData(null, "t/", "`Exclude` \"t/\" left out every file, such as \"t\".")]
    [InlineData("*.txt", "a*", "`Include` \"*.txt\" and `Exclude` \"a*\" left out every file, such as \"t/a.txt\".")]
    public void Patterns_that_leave_out_everything_are_an_error_that_names_them(string? include, string? exclude, string says)
    {
        _folder.File("t/a.txt");
        var selection = new SourceSelection { Paths = [_folder["t"]], Include = include is null ? [] : [include], Exclude = exclude is null ? [] : [exclude] };
        var e = Assert.Throws<P2PException>(() => Scan(selection));
        Assert.Equal(P2PErrorCode.InvalidOption, e.Code);
        Assert.Equal("Nothing can be sent: " + says, e.Message);
    }

    [Fact]
    public void A_folder_without_its_files_is_something_to_send_and_an_empty_folder_is_no_mistake_of_a_pattern()
    {
        _folder.File("t/a.txt");
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Equal(["t"], Names(Scan(new SourceSelection { Paths = [_folder["t"]], Exclude = ["*.txt"] })));
        Assert.Empty(Names(Scan(new SourceSelection { Paths = [_folder["empty"]], Include = ["*.txt"] })));
    }

    [Fact]
    public void Include_keeps_what_it_names_and_the_folders_that_lead_there()
    {
        _folder.File("t/a.log");
        _folder.File("t/b.txt");
        _folder.File("t/sub/c.log");
        _folder.File("t/none/d.txt");
        _folder.File("t/sub/deep/e.txt");
        Assert.Equal(
            ["t", "t/a.log", "t/sub", "t/sub/c.log"],
            Names(Scan(new SourceSelection { Paths = [_folder["t"]], Include = ["*.log"] })));
    }

    [Fact]
    public void Include_of_a_folder_keeps_all_it_holds_and_Exclude_is_stronger()
    {
        _folder.File("t/src/a.c");
        _folder.File("t/src/x/b.o");
        _folder.File("t/doc/c.md");
        Assert.Equal(
            ["t", "t/src", "t/src/a.c", "t/src/x"],
            Names(Scan(new SourceSelection { Paths = [_folder["t"]], Include = ["t/src"], Exclude = ["*.o"] })));
    }

    [Fact]
    public void Exclude_of_a_folder_leaves_out_all_it_holds()
    {
        _folder.File("t/a/.git/config");
        _folder.File("t/a/b");
        Assert.Equal(["t", "t/a", "t/a/b"], Names(Scan(new SourceSelection { Paths = [_folder["t"]], Exclude = [".git/"] })));
    }
}
