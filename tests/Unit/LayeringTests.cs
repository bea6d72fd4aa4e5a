using System.Reflection;
using System.Text.RegularExpressions;
using P2PCopy.Relay;
using P2PCopy.Session;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer;
using P2PCopy.Transport;

namespace P2PCopy.Tests;

/// <summary>The arrows of docs/architecture.md run one way: a layer refers to those named here, to itself, and to nothing else of ours.</summary>
public sealed partial class LayeringTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Primitives"] = [],
        ["Transport"] = ["Primitives"],
        ["Session"] = ["Transport", "Primitives"],
        ["Compression"] = ["Primitives"],
        ["Files"] = ["Primitives"],
        ["Transfer"] = ["Files", "Compression", "Session", "Transport", "Primitives"],
        ["Relay"] = ["Transport", "Primitives"],
        ["Cmdlets"] = [],
        ["Module"] = ["Cmdlets", "Relay", "Transfer", "Files", "Session", "Transport", "Primitives"],
        ["Tool"] = ["Relay", "Transfer", "Files", "Session", "Transport", "Primitives"],
    };

    // The cmdlets cannot be loaded outside PowerShell; their sources are looked at below, like everybody's.
    private static readonly Assembly[] Assemblies = [typeof(P2PTransfer).Assembly, typeof(RelayServer).Assembly, Assembly.Load("p2pcopy")];

    [Fact]
    public void No_compiled_reference_runs_against_the_layers()
    {
        var wrong = from assembly in Assemblies
                    from type in assembly.GetTypes()
                    let layer = Layer(type)
                    where layer is not null
                    from target in TypeReferences.Of(type)
                    let other = Layer(target)
                    where other is not null && other != layer && !Allowed[layer].Contains(other)
                    select $"{type} refers to {target}";
        Assert.Empty(wrong.Distinct().Order());
    }

    [Fact]
    public void Every_type_of_ours_is_in_a_layer()
    {
        var strays = from assembly in Assemblies
                     from type in assembly.GetTypes()
                     where type.Namespace is not null && type.Namespace.StartsWith("P2PCopy", StringComparison.Ordinal) && Layer(type) is null
                     select type.FullName;
        Assert.Empty(strays);
        Assert.All(Allowed.Keys.Except(["Cmdlets", "Module"]), layer => Assert.Contains(Assemblies.SelectMany(a => a.GetTypes()), type => Layer(type) == layer));
    }

    [Fact]
    public void No_source_file_names_a_layer_it_may_not_use_and_each_is_in_the_namespace_of_its_folder()
    {
        int files = 0;
        foreach (string file in SourceFiles())
        {
            string text = string.Join('\n', File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
            Match declared = NamespaceLine().Match(text);
            if (!declared.Success) continue;
            files++;
            string layer = declared.Groups[1].Value;
            string relative = Path.GetRelativePath(RepositoryRoot(), file);
            Assert.True(
                relative.Split(Path.DirectorySeparatorChar).Any(part => part == layer || part == $"P2PCopy.{layer}"),
                $"{relative} is in the namespace of {layer}");
            foreach (Match match in LayerName().Matches(StringLiteral().Replace(text, "")))
            {
                string other = match.Groups[1].Value;
                Assert.True(other == layer || !Allowed.ContainsKey(other) || Allowed[layer].Contains(other), $"{relative} names P2PCopy.{other}");
            }
        }

        Assert.InRange(files, 50, 10_000);
    }

    [Fact]
    public void The_test_sees_references_that_stand_in_method_bodies_only()
    {
        IReadOnlySet<Type> found = TypeReferences.Of(typeof(Probe));
        Assert.Contains(typeof(Room), found);
        Assert.Contains(typeof(ChannelClosedException), found);
        Assert.Contains(typeof(RecordException), found);
        Assert.Contains(typeof(TransferReport), found);
        Assert.Contains(typeof(PairingCode), found);
        Assert.DoesNotContain(typeof(P2PTransfer), found);
    }

    private static string? Layer(Type type)
    {
        string[] parts = (type.Namespace ?? "").Split('.');
        return parts.Length > 1 && parts[0] == "P2PCopy" && Allowed.ContainsKey(parts[1]) ? parts[1] : null;
    }

    private static IEnumerable<string> SourceFiles()
        => Directory.EnumerateFiles(Path.Combine(RepositoryRoot(), "src"), "*.cs", SearchOption.AllDirectories);

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "P2PCopy.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("The tests do not run from inside the repository.");
    }

    [GeneratedRegex(@"^namespace P2PCopy\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"""[^""\n]*""")]
    private static partial Regex StringLiteral();

    [GeneratedRegex(@"\bP2PCopy\.(\w+)")]
    private static partial Regex LayerName();

    private static class Probe
    {
        public static object Make(object value)
        {
            try
            {
                _ = Room.FromRoute("x");
                _ = new List<TransferReport>();
                if (value is PairingCode) throw new ChannelClosedException("x");
            }
            catch (RecordException)
            {
            }

            return value;
        }
    }
}
