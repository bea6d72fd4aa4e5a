using System.Reflection;
using System.Text.RegularExpressions;

namespace P2PCopy.Tests.Documentation;

/// <summary>The pages about security, one for each reader: each boundary has its promise, the tests that hold it and what is not protected, and the tests exist.</summary>
public sealed partial class SecurityPageTests
{
    // Users, operators, auditors.
    private static readonly string[] Pages =
        [.. new[] { "security.md", "security-operators.md", "security-auditors.md" }.Select(name => File.ReadAllText(Path.Combine(Repository.Root, "docs", name)))];

    [Fact]
    public void Each_boundary_says_what_is_promised_which_tests_hold_it_and_what_is_not_protected_in_this_order()
    {
        foreach (string page in Pages)
            Assert.InRange(page.Split("\n## ").Length, 6, 20);
        foreach (string boundary in Pages.SelectMany(page => page.Split("\n## ").Skip(1)))
        {
            string[] labels = [.. Label().Matches(boundary).Select(m => m.Groups[1].Value)];
            Assert.True(labels is ["Promised", "Tests", "Not protected"], $"{boundary.Split('\n')[0]}: {string.Join(", ", labels)}");
        }
    }

    [Fact]
    public void Every_test_that_the_pages_name_exists()
    {
        Dictionary<string, Type> classes = typeof(SecurityPageTests).Assembly.GetTypes().Where(IsTestClass).ToDictionary(t => t.Name, StringComparer.Ordinal);
        string[] named = [.. Pages.SelectMany(page => Tests().Matches(page)).SelectMany(m => Code().Matches(m.Value)).Select(m => m.Groups[1].Value)];
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
