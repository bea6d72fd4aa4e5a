using System.Text.RegularExpressions;

namespace P2PCopy.Tests.Documentation;

/// <summary>Links, names and snippets of the pages are correct. tests/Docs/run.sh runs their commands.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void No_link_inside_the_repository_is_dead()
    {
        var dead = new List<string>();
        foreach (MarkdownPage page in Repository.Pages)
        {
            foreach (string link in page.Links.Where(l => !l.Contains("://", StringComparison.Ordinal) && !l.StartsWith("mailto:", StringComparison.Ordinal)))
            {
                string[] parts = link.Split('#', 2);
                string target = parts[0].Length == 0
                    ? page.Name
                    : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(page.Name)!, parts[0])).Replace('\\', '/');
                bool found = File.Exists(Path.Combine(Repository.Root, target)) || Directory.Exists(Path.Combine(Repository.Root, target));
                if (found && parts.Length == 2)
                    found = Repository.Pages.FirstOrDefault(p => p.Name == target)?.Anchors.Contains(parts[1]) ?? false;
                if (!found)
                    dead.Add($"{page.Name}: {link}");
            }
        }

        Assert.Empty(dead);
        Assert.True(Repository.Pages.Sum(p => p.Links.Count) > 50, "Hardly a link was found: is the pattern still right?");
    }

    [Fact]
    public void Every_file_of_the_repository_that_a_page_names_is_there()
    {
        string[] missing =
        [
            .. Repository.Pages.SelectMany(p => File.ReadLines(Path.Combine(Repository.Root, p.Name))
                .SelectMany(l => NamedFile().Matches(l)).Select(m => m.Groups[1].Value)
                .Where(f => !File.Exists(Path.Combine(Repository.Root, f)) && !Directory.Exists(Path.Combine(Repository.Root, f)))
                .Select(f => $"{p.Name}: {f}")),
        ];
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_page_of_the_site_is_in_its_navigation_and_every_entry_is_a_page()
    {
        string[] named = [.. NavigationEntry().Matches(File.ReadAllText(Path.Combine(Repository.Root, "mkdocs.yml"))).Select(m => "docs/" + m.Groups[1].Value).Order(StringComparer.Ordinal)];
        Assert.Equal(Repository.Pages.Select(p => p.Name).Where(n => n.StartsWith("docs/", StringComparison.Ordinal)).Order(StringComparer.Ordinal), named);
    }

    [Fact]
    public void Every_error_has_its_section_in_troubleshooting_and_no_other_has()
    {
        MarkdownPage page = Repository.Pages.Single(p => p.Name == "docs/troubleshooting.md");
        string[] headings = [.. page.Headings.Where(h => ErrorHeading().IsMatch(h)).Select(h => h.Trim('`')).Order(StringComparer.Ordinal)];
        Assert.Equal(Enum.GetNames<P2PErrorCode>().Concat(["PathNotFound", "PathNotFileSystem"]).Order(StringComparer.Ordinal), headings);
    }

    [Fact]
    public void Every_CSharp_snippet_stands_in_an_example_that_is_compiled_and_run()
    {
        string[] folders = [Path.Combine("tests", "Documentation"), Path.Combine("examples", "Api")];
        string examples = Plain(string.Join('\n', folders.SelectMany(f => Directory.EnumerateFiles(Path.Combine(Repository.Root, f), "*.cs")).Select(File.ReadAllText)));
        (string Page, string Text)[] snippets = [.. Repository.Pages.SelectMany(p => p.Blocks.Where(b => b.Language == "csharp").Select(b => (p.Name, b.Text)))];
        Assert.All(snippets, s => Assert.True(examples.Contains(Plain(s.Text), StringComparison.Ordinal), $"{s.Page} has a snippet that is not in ApiExamples.cs or examples/Api:\n{s.Text}"));
        Assert.True(snippets.Length >= 8);
    }

    [Fact]
    public void Every_program_of_the_API_is_complete_on_its_page()
    {
        string[] blocks = [.. Repository.Pages.Single(p => p.Name == "docs/api.md").Blocks.Where(b => b.Language == "csharp").Select(b => b.Text)];
        string[] programs = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples", "Api"), "*.cs").Where(f => Path.GetFileName(f) != "Run.cs").Select(File.ReadAllText)];
        Assert.Equal(programs.Order(StringComparer.Ordinal), blocks.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_section_of_the_protocol_that_a_comment_names_exists()
    {
        MarkdownPage protocol = Repository.Pages.Single(p => p.Name == "docs/protocol.md");
        var sections = protocol.Headings.Select(h => h.Split('.')[0]).Where(h => h.All(char.IsDigit)).ToHashSet(StringComparer.Ordinal);
        var named = from folder in new[] { "src", "tests" }
                    from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
                    from match in SectionOfProtocol().Matches(File.ReadAllText(file))
                    select (File: Path.GetFileName(file), Section: match.Groups[1].Value);
        Assert.True(sections.Count >= 7);
        Assert.DoesNotContain(named, n => !sections.Contains(n.Section));
    }

    [Fact]
    public void Every_folder_of_the_sources_is_on_the_map_of_the_architecture()
    {
        string map = Repository.Pages.Single(p => p.Name == "docs/architecture.md").Blocks.First(b => b.Language == "text").Text;
        string sources = Path.Combine(Repository.Root, "src");
        string[] folders = [.. Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories).Select(f => Path.GetFileName(Path.GetDirectoryName(f)!)).Distinct()];
        Assert.True(folders.Length > 30);
        Assert.DoesNotContain(folders, f => !map.Contains($" {f}/ ", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_type_and_member_that_the_architecture_names_exists()
    {
        string code = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Concat(
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText));
        var words = Word().Matches(code).Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
        string[] named = [.. CodeName().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"))).SelectMany(m => m.Groups[1].Value.Split('.')).Distinct()];
        Assert.True(named.Length > 60);
        Assert.DoesNotContain(named, n => !words.Contains(n));
    }

    [Fact]
    public void Every_event_and_member_of_the_JSON_output_is_described()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "tool.md"));
        string[] written = [.. new[] { "JsonDisplay.cs", "RelayTestDisplay.cs" }
            .SelectMany(f => WrittenMember().Matches(File.ReadAllText(Path.Combine(Repository.Root, "src", "P2PCopy.Tool", "Display", f))))
            .Select(m => m.Groups[1].Value).Distinct()];
        Assert.True(written.Length > 40);
        Assert.DoesNotContain(written, w => !page.Contains($"`{w}`", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_member_of_the_API_that_a_page_names_exists()
    {
        Dictionary<string, Type> types = new[] { typeof(P2PTransfer), typeof(RelayServer) }.SelectMany(t => t.Assembly.GetExportedTypes()).Where(t => !t.IsNested).ToDictionary(t => t.Name);
        var named = from page in Repository.Pages
                    where page.Name != "CHANGELOG.md"
                    from match in ApiMember().Matches(File.ReadAllText(Path.Combine(Repository.Root, page.Name)))
                    where types.ContainsKey(match.Groups[1].Value)
                    select (Page: page.Name, Type: match.Groups[1].Value, Member: match.Groups[2].Value);
        (string Page, string Type, string Member)[] members = [.. named];
        Assert.True(members.Length > 10);
        Assert.DoesNotContain(members, m => types[m.Type].GetMember(m.Member).Length == 0);
    }

    [Fact]
    public void Every_block_says_what_language_it_is()
        => Assert.All(Repository.Pages, p => Assert.All(p.Blocks, b => Assert.False(b.Language.Length == 0, $"{p.Name} has a fenced block without a language:\n{b.Text}")));

    // Lines without their indentation, which differs between a page and a method.
    private static string Plain(string text) => string.Join('\n', text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));

    [GeneratedRegex("`((?:src|tests|deploy|docs|bench|module|examples)/[A-Za-z0-9_./-]*[A-Za-z0-9_/])`")]
    private static partial Regex NamedFile();

    [GeneratedRegex(@":\s+([a-z0-9-]+(?:/[A-Za-z0-9-]+)?\.md)")]
    private static partial Regex NavigationEntry();

    [GeneratedRegex(@"docs/protocol\.md,? (?:§|section )(\d+)")]
    private static partial Regex SectionOfProtocol();

    [GeneratedRegex(@"`([A-Z]\w*[a-z]\w*(?:\.[A-Z]\w+)?)`")]
    private static partial Regex CodeName();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"Write\w*\((?:json, |j, )?""([a-zA-Z0-9-]+)""")]
    private static partial Regex WrittenMember();

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)")]
    private static partial Regex ApiMember();

    [GeneratedRegex("^`[A-Za-z]+`$")]
    private static partial Regex ErrorHeading();
}
