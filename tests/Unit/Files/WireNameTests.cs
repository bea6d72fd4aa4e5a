using System.Text;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;

namespace P2PCopy.Tests.Unit.Files;

public sealed class WireNameTests
{
    public static TheoryData<string> NeverAllowed => new(
        "", "/abs", "../x", "a/../../x", "a/..", ".", "./a", "a/.", "a//b", "a/", "/", "a\0b", "\ud800x", "x\udc00",
        ".0123456789abcdef.p2ppart", "a/.0123456789ABCDEF.P2PPART", ".0123456789abcdef.p2ppart/x",
        new string('a', 256),
        string.Join('/', Enumerable.Repeat(new string('a', 100), 41)),
        string.Join('/', Enumerable.Repeat("a", 256)));

    public static TheoryData<string> OrdinaryOnPosixOnly => new(
        @"C:\x", "C:", "x:stream", "10:00.log", "nul", "NUL.txt", "con", "prn.tar.gz", "aux", "a/com1", "COM9.x", "lpt³", "com¹.txt", "CONOUT$",
        "nul .txt", "x.", "x ", "a /b", @"a\b", "a<b", "a>b", "a\"b", "a|b", "what?", "a*", "tab\there", "new\nline", "...");

    public static TheoryData<string> OrdinaryEverywhere => new(
        "a", "a/b", ".hidden", "..a", "a..b", "...a", "-rf", " leading", "[x]", "null", "com", "com10", "console", "nul_x", "a.nul",
        "日本語", "é", "e\u0301", "😀", ".0123456789abcde.p2ppart", ".0123456789abcdef.p2ppart2", "x.p2ppart", ".0123456789abcdeg.p2ppart",
        new string('a', 255), string.Join('/', Enumerable.Repeat("a", 255)));

    [Theory]
    [MemberData(nameof(NeverAllowed))]
    public void A_hostile_name_is_refused_everywhere(string name)
    {
        Assert.NotNull(WireName.Objection(name, NameRules.Posix));
        Assert.NotNull(WireName.Objection(name, NameRules.Windows));
    }

    [Theory]
    [MemberData(nameof(OrdinaryOnPosixOnly))]
    public void Names_with_a_meaning_on_Windows_are_refused_there_and_ordinary_elsewhere(string name)
    {
        Assert.Null(WireName.Objection(name, NameRules.Posix));
        Assert.NotNull(WireName.Objection(name, NameRules.Windows));
    }

    [Fact]
    public void A_part_is_measured_in_bytes_on_Unix_and_in_characters_on_Windows()
    {
        string wide = new('日', 86);
        Assert.NotNull(WireName.Objection("x/" + wide, NameRules.Posix));
        Assert.Null(WireName.Objection("x/" + wide, NameRules.Windows));
        Assert.Null(WireName.Objection(new string('日', 85), NameRules.Posix));
    }

    [Theory]
    [MemberData(nameof(OrdinaryEverywhere))]
    public void Awkward_but_harmless_names_pass(string name)
    {
        Assert.Null(WireName.Objection(name, NameRules.Posix));
        Assert.Null(WireName.Objection(name, NameRules.Windows));
    }

    [Fact]
    public void The_name_of_a_partial_depends_on_the_last_name_alone_and_is_refused_from_a_peer()
    {
        // printf %s report.txt | sha256sum | cut -c1-16
        string partial = WireName.Partial("report.txt");
        Assert.Equal("." + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("report.txt")))[..16] + ".p2ppart", partial);
        Assert.True(WireName.IsPartial(partial));
        Assert.NotNull(WireName.Objection("x/" + partial, NameRules.Posix));
    }

    [Fact]
    public void An_accepted_name_never_leaves_the_folder_it_is_put_into()
    {
        var random = new Random(2);
        string[] pieces = ["a", ".", "..", "/", "//", "\\", ":", "\0", "~", "é", "nul", " ", ".p2ppart", "\n"];
        int accepted = 0;
        for (int i = 0; i < 50_000; i++)
        {
            string name = string.Concat(Enumerable.Range(0, random.Next(0, 8)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (WireName.Objection(name, NameRules.Posix) is not null)
                continue;
            accepted++;
            if (OperatingSystem.IsWindows() && WireName.Objection(name, NameRules.Windows) is not null)
                continue;
            string folder = Path.GetFullPath("/base/of/it/");
            Assert.StartsWith(folder, Path.GetFullPath(folder + name), StringComparison.Ordinal);
            Assert.Equal(folder + name.Replace('/', Path.DirectorySeparatorChar), Path.GetFullPath(folder + name));
            if (WireName.Objection(name, NameRules.Windows) is null)
                Assert.DoesNotContain(name, c => c is '\\' or ':' or < ' ');
        }

        Assert.True(accepted > 1000, $"only {accepted} names were accepted");
    }

    [Theory]
    [InlineData("a/l", "b", "a/b")]
    [InlineData("a/l", "../b", "b")]
    [InlineData("a/l", "./x/./y", "a/x/y")]
    [InlineData("l", ".", "")]
    [InlineData("l", "..", null)]
    [InlineData("a/l", "../../b", null)]
    [InlineData("a/l", "/etc/passwd", null)]
    [InlineData("a/l", "x/../../..", null)]
    [InlineData("a/b/l", "x/../y", null)]
    [InlineData("a/l", "", null)]
    [InlineData("a/l", "x\0", null)]
    public void A_link_leads_inside_or_nowhere(string name, string target, string? expected)
        => Assert.Equal(expected, LinkTarget.Resolve(name, target));

    [Fact]
    public void A_name_in_a_sentence_cannot_drive_a_terminal()
    {
        Assert.Equal("a\\x1b[2Jb\\x0a", VisibleText.Name("a\u001b[2Jb\n"));
        Assert.Equal("\\u202egpj.exe\\u2028\\x9b2J", VisibleText.Name("\u202egpj.exe\u2028\u009b2J"));
        Assert.Equal("tidy", VisibleText.Name("tidy"));
        Assert.True(VisibleText.Name(new string('x', 5000)).Length < 400);
    }
}
