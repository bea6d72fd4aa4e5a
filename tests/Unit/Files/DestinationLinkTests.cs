using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Tests.Unit.Files;

/// <summary>Links at the destination and in an offer: nothing is written outside the destination.</summary>
public sealed class DestinationLinkTests : DestinationTests
{
    [Fact]
    public void A_path_through_a_link_that_leads_out_is_refused()
    {
        using var outside = new TemporaryFolder();
        Root.Link("out", outside.FullPath);
        Root.Link("chain", "out");
        DestinationTree tree = Tree();
        Assert.Equal(P2PErrorCode.NameRefused, tree.Decide(Entry("out/x", 1)).Code);
        Assert.Equal(P2PErrorCode.NameRefused, tree.Decide(Entry("chain/deep/x", 1)).Code);
        Assert.Equal(P2PErrorCode.NameRefused, tree.Decide(Folder("out")).Code);
        Assert.Throws<P2PException>(() => tree.OpenIncoming(Entry("out/x", 1), resume: false));
        Assert.Empty(Directory.GetFileSystemEntries(outside.FullPath));
    }

    [Fact]
    public void A_path_through_a_link_that_stays_inside_is_as_good_as_a_folder()
    {
        Root.Folder("real");
        Root.Link("in", "real");
        DestinationTree tree = Tree();
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("in/x", 4)).Kind);
        Write(tree, Entry("in/x", 4), "1234");
        Assert.True(File.Exists(Root["real/x"]));
    }

    [Fact]
    public void A_link_that_takes_a_folders_place_after_the_decision_is_noticed()
    {
        using var outside = new TemporaryFolder();
        DestinationTree tree = Tree();
        Assert.Equal(DecisionKind.Want, tree.Decide(Entry("d/x", 1)).Kind);
        Root.Link("d", outside.FullPath);
        Assert.Equal(P2PErrorCode.NameRefused, Assert.Throws<P2PException>(() => tree.OpenIncoming(Entry("d/x", 1), false)).Code);
        Assert.Empty(Directory.GetFileSystemEntries(outside.FullPath));
    }

    [Fact]
    public void A_link_at_the_destination_is_replaced_and_never_written_through()
    {
        using var outside = new TemporaryFolder();
        string victim = outside.File("victim", "precious");
        Root.Link("f", victim);
        DestinationTree tree = Tree();
        DestinationDecision decision = tree.Decide(Entry("f", 4));
        Assert.Equal((DecisionKind.Want, -1L), (decision.Kind, decision.ExistingLength));
        Write(tree, Entry("f", 4), "1234");
        Assert.Equal("precious", File.ReadAllText(victim));
        Assert.Null(new FileInfo(Root["f"]).LinkTarget);
    }

    [Fact]
    public void A_link_in_the_place_of_the_partial_is_replaced_and_never_followed()
    {
        using var outside = new TemporaryFolder();
        string victim = outside.File("victim", "precious");
        Root.Link(WireName.Partial("f"), victim);
        Assert.Equal(-1, Tree().Decide(Entry("f", 4)).ExistingLength);
        Write(Tree(), Entry("f", 4), "1234");
        Assert.Equal("1234", File.ReadAllText(Root["f"]));
        Assert.Equal("precious", File.ReadAllText(victim));
    }

    [Fact]
    public void A_preserved_link_is_made_with_its_target_and_found_unchanged_later()
    {
        Root.RequireLinks();
        DestinationTree tree = Tree();
        ManifestEntry link = Link("d/l", "../f");
        Assert.Equal(DecisionKind.Want, tree.Decide(link).Kind);
        tree.CreateLink(link);
        Assert.Equal("../f", new FileInfo(Root["d/l"]).LinkTarget);
        tree.BeginRound();
        Assert.Equal(DecisionKind.Unchanged, tree.Decide(link).Kind);
        Assert.Equal(DecisionKind.Want, Tree().Decide(link with { LinkTarget = "../g" }).Kind);
    }

    [Theory]
    [InlineData("l", "/etc/passwd")]
    [InlineData("l", "..")]
    [InlineData("d/l", "../../x")]
    [InlineData("d/l", "x/../../..")]
    public void A_link_that_leads_out_is_refused(string name, string target)
    {
        Assert.Equal(P2PErrorCode.NameRefused, Tree().Decide(Link(name, target)).Code);
        Assert.Throws<P2PException>(() => Tree().CreateLink(Link(name, target)));
        Assert.False(File.Exists(Root[name]) || new FileInfo(Root[name]).LinkTarget is not null);
    }

    [Fact]
    public void Two_links_that_are_each_inside_cannot_lead_out_together()
    {
        Root.RequireLinks();
        DestinationTree tree = Tree();
        tree.CreateLink(Link("a/b/c/up", "../../.."));
        ManifestEntry second = Link("a/b/c/up/x", "../y");
        Assert.Equal(P2PErrorCode.NameRefused, Assert.Throws<P2PException>(() => tree.CreateLink(second)).Code);
        Assert.Equal(P2PErrorCode.NameRefused, Tree().Decide(second).Code);
    }

    private static ManifestEntry Link(string name, string target) => new(name, EntryKind.Link, 0, Time, LinkTarget: target);
}
