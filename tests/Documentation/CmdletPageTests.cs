namespace P2PCopy.Tests.Documentation;

/// <summary>The pages in docs/cmdlets have the text of the help.</summary>
public sealed class CmdletPageTests
{
    /// <summary>With P2PCOPY_UPDATE_SNAPSHOTS=1 the pages are written instead of compared.</summary>
    [Fact]
    public void Every_cmdlet_has_its_page_and_each_is_current()
    {
        string folder = Path.Combine(Repository.Root, "docs", "cmdlets");
        (string Cmdlet, string Text)[] pages = [.. CmdletPage.RenderAll()];
        if (Environment.GetEnvironmentVariable("P2PCOPY_UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(folder);
            foreach ((string cmdlet, string text) in pages)
                File.WriteAllText(Path.Combine(folder, cmdlet + ".md"), text);
        }

        Assert.Equal(
            pages.Select(p => p.Cmdlet + ".md").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.All(pages, p => Assert.True(
            p.Text == File.ReadAllText(Path.Combine(folder, p.Cmdlet + ".md")),
            $"docs/cmdlets/{p.Cmdlet}.md differs from the help. Write it again: P2PCOPY_UPDATE_SNAPSHOTS=1 dotnet test --filter-class \"*CmdletPageTests\""));
    }
}
