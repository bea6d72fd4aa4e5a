using System.Text.Json;
using System.Xml.Linq;

namespace P2PCopy.Tests.Documentation;

/// <summary>The lock files of NuGet, which <c>.ci/run</c> restores with.</summary>
public sealed class LockedPackageTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, ".config", "packages");

    [Fact]
    public void Every_package_is_mapped_to_the_one_source_and_CI_restores_with_the_mapping()
    {
        XElement config = XDocument.Load(Path.Combine(Repository.Root, ".config", "nuget.config")).Root!;
        XElement[] sources = [.. config.Element("packageSources")!.Elements()];
        Assert.Equal(["clear", "add"], sources.Select(e => e.Name.LocalName));
        XElement[] mapping = [.. config.Element("packageSourceMapping")!.Elements()];
        Assert.Equal(["clear", "packageSource"], mapping.Select(e => e.Name.LocalName));
        Assert.Equal(sources[1].Attribute("key")!.Value, mapping[1].Attribute("key")!.Value);
        Assert.Equal("*", Assert.Single(mapping[1].Elements("package")).Attribute("pattern")!.Value);
        string run = File.ReadAllText(Path.Combine(Repository.Root, ".ci", "run"));
        Assert.Contains(".config/nuget.config > \"$mapped\"", run, StringComparison.Ordinal);
        Assert.Contains("--configfile \"$mapped\"", run, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_project_has_a_lock_file_which_holds_the_hash_of_every_package_and_names_no_source()
    {
        XElement solution = XDocument.Load(Path.Combine(Repository.Root, "P2PCopy.slnx")).Root!;
        string[] projects = [.. solution.Elements("Project").Select(p => Path.GetFileNameWithoutExtension(p.Attribute("Path")!.Value))];
        Assert.Equal(projects.Order(StringComparer.Ordinal), Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)[..^".lock.json".Length]).Order(StringComparer.Ordinal));

        HashSet<(string Name, string Version)> locked = [];
        foreach (string file in Directory.EnumerateFiles(Folder))
        {
            string text = File.ReadAllText(file);
            Assert.DoesNotContain("://", text, StringComparison.Ordinal);
            using JsonDocument document = JsonDocument.Parse(text);
            foreach (JsonProperty package in document.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject()))
            {
                if (package.Value.GetProperty("type").GetString() == "Project")
                    continue;
                Assert.Equal(64, Convert.FromBase64String(package.Value.GetProperty("contentHash").GetString()!).Length);
                locked.Add((package.Name, package.Value.GetProperty("resolved").GetString()!));
            }
        }

        IEnumerable<(string, string)> named = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Select(p => (p.Attribute("Include")!.Value, p.Attribute("Version")!.Value));
        Assert.Subset(locked, named.ToHashSet());
    }
}
