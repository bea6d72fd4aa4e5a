using System.Reflection;
using System.Text.RegularExpressions;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Pairing;
using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit;

/// <summary>
/// The arrows of docs/architecture.md run one way: a layer refers to those named here, to itself, and to nothing else of
/// ours; inside a layer its folders do the same. A type belongs to the folder that its file lies in.
/// </summary>
public sealed partial class LayeringTests
{
    private static readonly Dictionary<string, string[]> Layers = new()
    {
        ["Primitives"] = [],
        ["Transport"] = ["Primitives"],
        ["Session"] = ["Transport", "Primitives"],
        ["Compression"] = ["Primitives"],
        ["Files"] = ["Primitives"],
        ["Transfer"] = ["Files", "Compression", "Session", "Transport", "Primitives"],
        ["Settings"] = ["Transfer", "Transport", "Primitives"],
        ["Relay"] = ["Transport", "Primitives"],
        ["Cmdlets"] = [],
        ["Module"] = ["Settings", "Cmdlets", "Relay", "Transfer", "Files", "Compression", "Session", "Transport", "Primitives"],
        ["Tool"] = ["Settings", "Relay", "Transfer", "Files", "Compression", "Session", "Transport", "Primitives"],
    };

    // From the lowest folder of a layer to the highest; a higher one may refer to a lower one. "" is the folder of the layer itself.
    private static readonly Dictionary<string, string[]> Folders = new()
    {
        ["Transport"] = ["Streams", "", "Tcp"],
        ["Session"] = ["Messages", "Crypto", "Pairing", "Delivery", "Direct", "Discovery", "Links"],
        ["Files"] = ["Platform", "Names", "Probes", "Flushing", "Destination", "Source", "Delta"],
        ["Relay"] = ["Events", "Options", "Frames", "Http", "Limits", "Rooms", "Hosting"],
        ["Transfer"] = ["Control", "Reports", "Options", "Content", "Writing", "Receiving", "Sending", ""],
    };

    // The cmdlets cannot be loaded outside PowerShell; their sources are looked at below, like all others.
    private static readonly Assembly[] Assemblies = [typeof(P2PTransfer).Assembly, typeof(RelayServer).Assembly, Assembly.Load("p2pcopy")];

    // By the name of a type, which no other type of the tree has: its layer, and its folder below the layer.
    private static readonly Lazy<Dictionary<string, (string Layer, string Folder)>> Homes = new(FindHomes);

    [Fact]
    public void No_compiled_reference_runs_against_the_layers_or_the_folders_of_a_layer()
    {
        var wrong = from assembly in Assemblies
                    from type in assembly.GetTypes()
                    let home = Home(type)
                    where home is not null
                    from target in TypeReferences.Of(type)
                    let other = Home(target)
                    where other is not null && !IsAllowed(home.Value, other.Value)
                    select $"{Outermost(type)} ({home}) refers to {Outermost(target)} ({other})";
        Assert.Empty(wrong.Distinct().Order());
    }

    [Fact]
    public void Every_type_of_ours_is_in_a_layer()
    {
        var strays = from assembly in Assemblies
                     from type in assembly.GetTypes()
                     where type.Namespace is not null && type.Namespace.StartsWith("P2PCopy", StringComparison.Ordinal) && Home(type) is null
                     select type.FullName;
        Assert.Empty(strays);
        Assert.All(Layers.Keys.Except(["Cmdlets", "Module"]), layer => Assert.Contains(Assemblies.SelectMany(a => a.GetTypes()), type => Home(type)?.Layer == layer));
    }

    [Fact]
    public void A_file_is_in_the_namespace_of_its_folder_or_public_and_in_P2PCopy()
    {
        int files = 0;
        foreach ((string relative, string text) in SourceFiles())
        {
            if (Declared(text) is not { } declared)
                continue;
            files++;
            string folder = Path.GetDirectoryName(relative)!.Replace('\\', '/');
            string expected = folder
                .Replace("src/P2PCopy.Core", "P2PCopy", StringComparison.Ordinal)
                .Replace("src/Relay", "P2PCopy.Relay", StringComparison.Ordinal)
                .Replace("src/", "", StringComparison.Ordinal)
                .Replace('/', '.');
            bool library = folder.StartsWith("src/P2PCopy.Core", StringComparison.Ordinal) || folder.StartsWith("src/Relay", StringComparison.Ordinal);
            Assert.True(
                library && PublicType().IsMatch(text) ? declared == "P2PCopy" : expected == declared || expected.StartsWith(declared + ".", StringComparison.Ordinal),
                $"{relative} is in the namespace {declared}");
        }

        Assert.InRange(files, 50, 10_000);
    }

    [Fact]
    public void No_source_file_names_a_layer_that_it_may_not_use()
    {
        foreach ((string relative, string text) in SourceFiles())
        {
            if (Layer(relative) is not { } layer)
                continue;
            foreach (Match match in LayerName().Matches(StringLiteral().Replace(text, "")))
            {
                string other = match.Groups[1].Value;
                Assert.True(other == layer || !Layers.ContainsKey(other) || Layers[layer].Contains(other), $"{relative} names P2PCopy.{other}");
            }
        }
    }

    [Fact]
    public void Only_the_platform_folder_of_Files_knows_the_operating_system()
    {
        var wrong = from file in SourceFiles()
                    where file.Relative.Replace('\\', '/').StartsWith("src/P2PCopy.Core/Files/", StringComparison.Ordinal)
                    where !file.Relative.Replace('\\', '/').StartsWith("src/P2PCopy.Core/Files/Platform/", StringComparison.Ordinal)
                    where PlatformName().IsMatch(file.Text)
                    select file.Relative;
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_two_types_have_one_name() => Assert.NotEmpty(Homes.Value);

    /// <summary>Private types are names inside their file.</summary>
    [Fact]
    public void No_two_types_that_other_files_can_name_have_one_name()
        => Assert.Empty(Assemblies.SelectMany(a => a.GetTypes())
            .Where(t => !t.IsNestedPrivate && !t.Name.Contains('<', StringComparison.Ordinal) && (t.Namespace ?? "").StartsWith("P2PCopy", StringComparison.Ordinal))
            .GroupBy(t => t.Name).Where(g => g.Count() > 1).Select(g => string.Join(", ", g.Select(t => t.FullName))));

    [Fact]
    public void No_folder_of_src_holds_more_than_25_files_and_no_file_more_than_320_lines()
    {
        string root = Path.Combine(RepositoryRoot(), "src");
        Assert.All(
            Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories),
            folder => Assert.InRange(Directory.EnumerateFiles(folder).Count(), 0, 25));
        string[] files = [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)];
        Assert.All(files, file => Assert.InRange(File.ReadLines(file).Count(), 1, 320));
        int[] lengths = [.. files.Select(file => File.ReadLines(file).Count()).Order()];
        Assert.InRange(lengths[lengths.Length / 2], 1, 80);
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

    private static bool IsAllowed((string Layer, string Folder) from, (string Layer, string Folder) to)
    {
        if (from.Layer != to.Layer)
            return Layers[from.Layer].Contains(to.Layer);
        if (from.Folder == to.Folder || !Folders.TryGetValue(from.Layer, out string[]? order))
            return true;
        Assert.True(order.Contains(from.Folder) && order.Contains(to.Folder), $"{from} or {to} has no place in the order of folders.");
        return Array.IndexOf(order, to.Folder) < Array.IndexOf(order, from.Folder);
    }

    private static (string Layer, string Folder)? Home(Type type)
        => (type.Namespace ?? "").StartsWith("P2PCopy", StringComparison.Ordinal) && Homes.Value.TryGetValue(Outermost(type), out (string, string) home) ? home : null;

    private static string Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Name.Split("__")[^1].Split('`')[0]; // a type of one file only has that file's name before its own
    }

    private static Dictionary<string, (string Layer, string Folder)> FindHomes()
    {
        var homes = new Dictionary<string, (string Layer, string Folder)>();
        var partial = new HashSet<string>();
        foreach ((string relative, string text) in SourceFiles())
        {
            if (Layer(relative) is not { } layer)
                continue;
            string[] parts = relative.Split(Path.DirectorySeparatorChar);
            int below = parts[1] == "P2PCopy.Core" ? 3 : 2;
            string folder = parts.Length > below + 1 ? parts[below] : "";
            foreach (Match match in TypeDeclaration().Matches(text))
            {
                string name = match.Groups["name"].Value;
                bool again = !homes.TryAdd(name, (layer, folder));
                bool isPartial = match.Value.Contains("partial ", StringComparison.Ordinal);
                Assert.True(!again || (isPartial && partial.Contains(name)), $"{relative} declares {name}, which is a type elsewhere too.");
                if (isPartial)
                    partial.Add(name);
            }
        }

        return homes;
    }

    private static string? Layer(string relative)
    {
        string[] parts = relative.Split(Path.DirectorySeparatorChar);
        string name = parts[1] == "P2PCopy.Core" ? parts[2] : parts[1].Replace("P2PCopy.", "", StringComparison.Ordinal);
        return Layers.ContainsKey(name) ? name : null;
    }

    private static string? Declared(string text) => NamespaceLine().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    private static IEnumerable<(string Relative, string Text)> SourceFiles()
        => from file in Directory.EnumerateFiles(Path.Combine(RepositoryRoot(), "src"), "*.cs", SearchOption.AllDirectories)
           select (Path.GetRelativePath(RepositoryRoot(), file),
               // A file that the cmdlets compile into their assembly has another namespace there.
               SharedNamespace().Replace(string.Join('\n', File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))), string.Empty));

    [GeneratedRegex("^#if CMDLETS\\n.*?^#else\\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex SharedNamespace();

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "P2PCopy.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("The tests do not run from inside the repository.");
    }

    [GeneratedRegex(@"^(?:public |internal |file )?(?:static |sealed |abstract |partial |readonly |unsafe |ref )*(?:class|record struct|record|struct|interface|enum|delegate [\w<>\[\]?.,]+) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^public (?!override)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"""[^""\n]*""")]
    private static partial Regex StringLiteral();

    [GeneratedRegex(@"\bP2PCopy\.(\w+)")]
    private static partial Regex LayerName();

    [GeneratedRegex(@"\bOperatingSystem\.Is|DirectorySeparatorChar [=!]=|\bPosix\w*\.|\bPosix(?:FileSystem|Folder)\b|\bLibrary(?:FileSystem|Folder)\b|LibraryImport")]
    private static partial Regex PlatformName();

    private static class Probe
    {
        public static object Make(object value)
        {
            try
            {
                _ = Room.FromRoute("x");
                _ = new List<TransferReport>();
                if (value is PairingCode)
                    throw new ChannelClosedException("x");
            }
            catch (RecordException)
            {
            }

            return value;
        }
    }
}
