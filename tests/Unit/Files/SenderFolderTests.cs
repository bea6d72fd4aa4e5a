using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Tests.Unit.Files;

public sealed class SenderFolderTests
{
    [Theory]
    [InlineData("nightly-host", "nightly-host")]
    [InlineData("Node17.Cluster.example", "node17.cluster.example")]
    [InlineData("  spaced ", "spaced")]
    [InlineData(null, "unnamed")]
    [InlineData("", "unnamed")]
    [InlineData("   ", "unnamed")]
    public void An_ordinary_name_is_the_folder(string? name, string folder) => Assert.Equal(folder, SenderFolder.Of(name));

    public static TheoryData<string> Hostile =>
    [
        "..", ".", "../../etc", "/etc/cron.d", @"..\..\x", "C:\\Windows", "con", "com1.txt", "a/b", "a\0b", "x\u001b[31m", "-rf", ".hidden", "trailing.",
        ".0123456789abcdef.p2ppart", "münchen", "unnamed", new string('a', 255), "\ud800", "....", "////",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Any_other_name_becomes_one_that_every_system_takes(string name)
    {
        string folder = SenderFolder.Of(name);

        Assert.Matches("^[a-z0-9_][a-z0-9_-]*-[0-9a-f]{8}$", folder);
        Assert.True(folder.Length <= 64, folder);
        Assert.Null(WireName.Objection(folder, NameRules.Windows));
        Assert.Null(WireName.Objection(folder, NameRules.Posix));
    }

    [Fact]
    public void Names_that_become_alike_keep_folders_of_their_own()
        => Assert.Equal(4, new[] { "a/b", "a\\b", "a_b", "a:b" }.Select(SenderFolder.Of).Distinct().Count());
}
