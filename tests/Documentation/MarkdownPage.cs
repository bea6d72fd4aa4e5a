using System.Text;
using System.Text.RegularExpressions;

namespace P2PCopy.Tests.Documentation;

/// <summary>The anchors, links and fenced blocks of a page.</summary>
/// <param name="Name">Its path in the repository, with <c>/</c>.</param>
internal sealed partial record MarkdownPage(string Name)
{
    public HashSet<string> Anchors { get; } = new(StringComparer.Ordinal);

    public List<string> Headings { get; } = [];

    public List<string> Links { get; } = [];

    public List<(string Language, string Text)> Blocks { get; } = [];

    public static MarkdownPage Read(string root, string name)
    {
        var page = new MarkdownPage(name);
        StringBuilder? block = null;
        string language = "";
        foreach (string line in File.ReadLines(Path.Combine(root, name)))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                if (block is not null)
                    page.Blocks.Add((language, block.ToString()));
                block = block is null ? new StringBuilder() : null;
                language = line[3..].Trim();
            }
            else if (block is not null)
            {
                block.Append(line).Append('\n');
            }
            else
            {
                page.ReadLine(line);
            }
        }

        Assert.True(block is null, $"{name}: a fenced block is not closed.");
        return page;
    }

    private void ReadLine(string line)
    {
        if (HeadingLine().Match(line) is { Success: true } heading)
        {
            Headings.Add(heading.Groups[1].Value);
            Anchors.Add(Slug(heading.Groups[1].Value));
        }

        foreach (Match link in Link().Matches(CodeSpan().Replace(line, "")))
            Links.Add(link.Groups[1].Value);
    }

    // As MkDocs and code hosts derive it from a plain heading.
    private static string Slug(string heading)
        => Spaces().Replace(NoSlug().Replace(heading.ToLowerInvariant(), "").Trim(), "-");

    [GeneratedRegex("^#{1,6} +(.+?) *$")]
    private static partial Regex HeadingLine();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("(?<!\\[)`[^`]*`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"[^\w\s-]")]
    private static partial Regex NoSlug();

    [GeneratedRegex(@"[\s-]+")]
    private static partial Regex Spaces();
}
