using System.Text.RegularExpressions;
using P2PCopy.Files.Source;

namespace P2PCopy.Tests.Unit.Files;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*.log", "a.log", true)]
    [InlineData("*.log", "deep/er/a.log", true)]
    [InlineData("*.log", "a.log/b.txt", false)]
    [InlineData("?.c", "x.c", true)]
    [InlineData("?.c", "😀.c", true)]
    [InlineData("?.c", "xy.c", false)]
    [InlineData("[abc]x", "bx", true)]
    [InlineData("[!abc]x", "bx", false)]
    [InlineData("[^abc]x", "dx", true)]
    [InlineData("[a-f0-9]", "e", true)]
    [InlineData("[a-f0-9]", "g", false)]
    [InlineData("[]]", "]", true)]
    [InlineData("[-a]", "-", true)]
    [InlineData("[open", "[open", true)]
    [InlineData("[*]", "*", true)]
    [InlineData("src/**", "src/a/b.c", true)]
    [InlineData("src/**", "other/src/a", false)]
    [InlineData("**/b.c", "b.c", true)]
    [InlineData("**/b.c", "x/y/b.c", true)]
    [InlineData("a/**/z", "a/z", true)]
    [InlineData("a/**/z", "a/b/c/z", true)]
    [InlineData("a/**/m/**/z", "a/m/m/x/z", true)]
    [InlineData("a/**/m/**/z", "a/x/y/z", false)]
    [InlineData("a/*/z", "a/b/z", true)]
    [InlineData("a/*/z", "a/b/c/z", false)]
    [InlineData("/top", "top", true)]
    [InlineData("./a/b", "a/b", true)]
    [InlineData("**", "any/thing", true)]
    [InlineData("A*", "abc", false)]
    [InlineData("a\\b", "a\\b", true)]
    public void A_pattern_matches_what_a_shell_would_match(string pattern, string name, bool expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && pattern.Contains('\\'), "The backslash separates parts on Windows.");
        Assert.Equal(expected, new Glob(pattern, ignoreCase: false).Matches(name, isFolder: false));
    }

    [Fact]
    public void A_pattern_that_ends_in_a_slash_matches_folders_only()
    {
        var glob = new Glob("build/", ignoreCase: false);
        Assert.True(glob.Matches("x/build", isFolder: true));
        Assert.False(glob.Matches("x/build", isFolder: false));
    }

    [Theory]
    [InlineData("README*", "readme.MD")]
    [InlineData("[A-C]x", "bX")]
    [InlineData("ß", "ß")]
    public void Case_is_ignored_where_asked(string pattern, string name)
        => Assert.True(new Glob(pattern, ignoreCase: true).Matches(name, isFolder: false));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("./")]
    public void An_empty_pattern_is_an_invalid_option(string pattern)
        => Assert.Equal(P2PErrorCode.InvalidOption, Assert.Throws<P2PException>(() => new Glob(pattern, false)).Code);

    [Fact]
    public void Any_pattern_agrees_with_a_regular_expression_of_the_same_meaning()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            string pattern = Word(random, ["a", "b", "*", "?", "/", "**/", "/**/", "[ab]", "[!a]"]);
            string name = Word(random, ["a", "b", "c", "/"]).Trim('/');
            while (name.Contains("//", StringComparison.Ordinal))
                name = name.Replace("//", "/", StringComparison.Ordinal);
            if (name.Length == 0 || pattern.EndsWith('/') || !Glob_is_plain(pattern))
                continue;
            bool expected = Regex.IsMatch(pattern.Contains('/') ? name : name[(name.LastIndexOf('/') + 1)..], "^" + ToRegex(pattern) + "$");
            bool actual = new Glob(pattern, ignoreCase: false).Matches(name, isFolder: false);
            Assert.True(expected == actual, $"{pattern} on {name}: expected {expected}");
        }
    }

    [Fact]
    public void A_hostile_pattern_costs_no_more_than_pattern_times_name()
    {
        string name = string.Join('/', Enumerable.Repeat(new string('a', 200), 20));
        string pattern = string.Concat(Enumerable.Repeat("a*", 100)) + "b";
        Assert.False(new Glob(pattern, false).Matches(new string('a', 4000), false));
        Assert.False(new Glob(string.Concat(Enumerable.Repeat("**/a*/", 50)) + "b", false).Matches(name, false));
    }

    // The regular expression below gives ** no meaning inside a part.
    private static bool Glob_is_plain(string pattern)
        => pattern.Split('/').All(part => part == "**" || (part.Length > 0 && !part.Contains("**", StringComparison.Ordinal)));

    private static string Word(Random random, string[] alphabet)
        => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => alphabet[random.Next(alphabet.Length)]));

    private static string ToRegex(string pattern)
    {
        string[] parts = pattern.Split('/');
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < parts.Length; i++)
        {
            bool last = i == parts.Length - 1;
            text.Append(parts[i] == "**"
                ? (last ? (i == 0 ? ".*" : ".+") : "(?:[^/]+/)*")
                : parts[i].Replace("[!", "[^/", StringComparison.Ordinal).Replace("*", "[^/]*", StringComparison.Ordinal).Replace("?", "[^/]", StringComparison.Ordinal) + (last ? "" : "/"));
        }

        return text.ToString();
    }
}
