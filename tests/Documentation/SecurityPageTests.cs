using System.Reflection;
using System.Text.RegularExpressions;

namespace P2PCopy.Tests.Documentation;

/// <summary>docs/security.md: each boundary has its promise, the tests that hold it and what is not protected, and the tests exist.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));

    [Fact]
    public void Each_boundary_says_what_is_promised_which_tests_hold_it_and_what_is_not_protected_in_this_order()
    {
        string[] readers = [.. Page.Split("\n## ").Skip(1)];
        Assert.Equal(["For users", "For operators", "For auditors"], readers.Select(r => r.Split('\n')[0]));
        foreach (string boundary in readers.SelectMany(r => r.Split("\n### ").Skip(1)))
        {
            string[] labels = [.. Label().Matches(boundary).Select(m => m.Groups[1].Value)];
            Assert.True(labels is ["Promised", "Tests", "Not protected"], $"{boundary.Split('\n')[0]}: {string.Join(", ", labels)}");
        }
    }

    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        Dictionary<string, Type> classes = typeof(SecurityPageTests).Assembly.GetTypes().Where(IsTestClass).ToDictionary(t => t.Name, StringComparer.Ordinal);
        string[] named = [.. Tests().Matches(Page).SelectMany(m => Code().Matches(m.Value)).Select(m => m.Groups[1].Value)];
        Assert.True(named.Length >= 60, $"Only {named.Length} tests are named.");
        foreach (string name in named)
        {
            string[] parts = name.Split('.');
            Assert.True(classes.TryGetValue(parts[0], out Type? type), $"There is no test class {parts[0]}.");
            Assert.True(parts.Length == 1 || type.GetMethods().Any(m => m.Name == parts[1] && IsTest(m)), $"There is no test {name}.");
        }
    }

    private static bool IsTestClass(Type type) => type.Name.EndsWith("Tests", StringComparison.Ordinal) && type.GetMethods().Any(IsTest);

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributes().Any(a => a is FactAttribute);

    [GeneratedRegex(@"^\*\*([A-Z][a-z ]+)\.\*\*", RegexOptions.Multiline)]
    private static partial Regex Label();

    [GeneratedRegex(@"^\*\*Tests\.\*\*[^*]*", RegexOptions.Multiline)]
    private static partial Regex Tests();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
