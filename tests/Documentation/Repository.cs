namespace P2PCopy.Tests.Documentation;

/// <summary>The repository that these tests were built from, and its pages.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>Every page for readers: the site, the start page and the pages beside it.</summary>
    public static IReadOnlyList<MarkdownPage> Pages { get; } =
    [
        .. new[] { Root, Path.Combine(Root, "docs"), Path.Combine(Root, "docs", "cmdlets"), Path.Combine(Root, "src"), Path.Combine(Root, "examples") }
            .Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.md", f.EndsWith("src", StringComparison.Ordinal) ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly))
            .Order(StringComparer.Ordinal)
            .Select(f => MarkdownPage.Read(Root, Path.GetRelativePath(Root, f).Replace('\\', '/'))),
    ];

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "P2PCopy.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not lie below the repository they were built from.");
    }
}
