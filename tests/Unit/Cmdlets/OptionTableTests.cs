using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using P2PCopy.Cmdlets;
using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Tests.Documentation;
using P2PCopy.Tests.Unit.Tool;
using P2PCopy.Tool;
using P2PCopy.Tool.Options;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tests.Unit.Cmdlets;

/// <summary>Every face has the options that are declared, under the declared names, with the declared ranges and defaults.</summary>
public sealed class OptionTableTests
{
    private static readonly XNamespace CommandNamespace = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>A side: its options, and what only one face has.</summary>
    private sealed record Side(
        Type Api, string Cmdlet, string Tool, (OptionDefinition Definition, string? Default)[] Options, string[] ApiOnly, string[] CmdletOnly, string[] ToolOnly);

    private static readonly Dictionary<string, Side> AllSides = new()
    {
        ["send"] = new(
            typeof(SendOptions), "SendP2PFileCommand", "send",
            [.. With(TransferOptionList.For<SendOptions>(), new SendOptions()), .. With(SendOptionList.All, new SendOptions())],
            ["EmbeddedRelay", "InputStream", "OnEvent"], ["InputObject", "LiteralPath", "Summary"], ["--files-from", "--json", "--quiet", "--what-if"]),
        ["receive"] = new(
            typeof(ReceiveOptions), "ReceiveP2PFileCommand", "receive",
            [.. With(TransferOptionList.For<ReceiveOptions>(), new ReceiveOptions()), .. With(ReceiveOptionList.All, new ReceiveOptions())],
            ["ConfirmOffer", "EmbeddedRelay", "OnEvent", "OutputStream", "ResolveConflict"], ["Summary"], ["destination", "--json", "--quiet", "--what-if", "--yes", "--force-terminal"]),
        ["relay"] = new(
            typeof(RelayOptions), "StartP2PRelayCommand", "relay", With(RelayOptionList.All, new RelayOptions()), ["OnEvent"], [], ["--quiet"]),
        ["test"] = new(
            typeof(RelayTestOptions), "TestP2PRelayCommand", "test",
            With(RelayTestOptionList.All, new RelayTestOptions { Relay = new Uri("ws://relay.example") }), [], [], ["relay", "--json"]),
    };

    public static TheoryData<string> Sides => [.. AllSides.Keys];

    [Theory]
    [MemberData(nameof(Sides))]
    public void Each_face_has_the_declared_options_and_no_other(string name)
    {
        Side side = AllSides[name];
        using var metadata = new CmdletMetadata();
        Command command = CommandLine.Create(ToolRun.SilentHost()).Subcommands.Single(c => c.Name == side.Tool);

        Assert.Equal(Sorted([.. Declared(side, OptionFaces.Api, o => o.Name), .. side.ApiOnly]), Sorted(side.Api.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name)));
        Assert.Equal(Sorted([.. Declared(side, OptionFaces.Cmdlet, o => o.CmdletName), .. side.CmdletOnly]), Sorted(metadata.Parameters(side.Cmdlet)));
        Assert.Equal(Sorted([.. Declared(side, OptionFaces.Tool, o => o.ToolName), .. side.ToolOnly]), Sorted(command.Options.Select(o => o.Name).Concat(command.Arguments.Select(a => a.Name))));
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void A_cmdlet_has_the_declared_ranges(string name)
    {
        Side side = AllSides[name];
        using var metadata = new CmdletMetadata();

        Assert.Equal(
            side.Options.Where(o => o.Definition.Has(OptionFaces.Cmdlet) && o.Definition.Range is not null).Select(o => (o.Definition.CmdletName, o.Definition.Range!.Value)).Order(),
            metadata.Ranges(side.Cmdlet).Select(r => (r.Key, r.Value)).Order());
    }

    /// <summary>A parameter that is not given is null, so that the default of the API holds; its help says the same.</summary>
    [Theory]
    [MemberData(nameof(Sides))]
    public void The_help_of_a_cmdlet_has_the_declared_defaults(string name)
    {
        Side side = AllSides[name];
        XElement help = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "P2PCopy.Cmdlets.dll-Help.xml"))
            .Descendants(CommandNamespace + "command").Single(c => c.Element(CommandNamespace + "details")!.Element(CommandNamespace + "name")!.Value.Replace("-", "", StringComparison.Ordinal) + "Command" == side.Cmdlet);
        Dictionary<string, string> stated = help.Element(CommandNamespace + "parameters")!.Elements()
            .ToDictionary(p => p.Element(Maml + "name")!.Value, p => p.Element(Dev + "defaultValue")!.Value);
        foreach ((OptionDefinition definition, string? value) in side.Options.Where(o => o.Definition.Has(OptionFaces.Cmdlet) && o.Definition.DefaultNote is null))
        {
            string expected = definition.Form == OptionForm.Flag ? "False" : value ?? "None";
            Assert.Equal(expected, Regex.Replace(stated[definition.CmdletName], "(\\d)([KM])B$", "$1$2iB"), ignoreCase: true);
        }

        string sources = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/P2PCopy.Cmdlets/Commands"), "*.cs").Select(File.ReadAllText));
        Assert.Equal(2, Regex.Count(sources, "\\{ get; set; \\} = ")); // the destination, and the words of a code
    }

    /// <summary>
    /// Messages are written where no face is known. An option that stands in backticks, with its name of the API, is replaced by
    /// the tool and the cmdlets with their own name.
    /// </summary>
    [Fact]
    public void Messages_name_options_in_backticks_and_only_those_that_every_face_has()
    {
        HashSet<string> everywhere = [.. AllSides.Values.SelectMany(s => s.Options).Where(o => o.Definition.Faces == OptionFaces.All || o.Definition.Name == "TokenFile").Select(o => o.Definition.Name)];
        HashSet<string> inOneWord = [.. everywhere.Where(name => name.Count(char.IsUpper) == 1)];
        string[] literals = [.. new[] { "P2PCopy.Core", "Relay" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.EndsWith("OptionList.cs", StringComparison.Ordinal))
            .SelectMany(File.ReadLines)
            .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .SelectMany(line => Regex.Matches(line, "\"(?:[^\"\\\\]|\\\\.)*\"").Select(m => Regex.Replace(m.Value, "\\{[^}]*\\}", "0")))];
        string[] named = [.. literals.SelectMany(text => Regex.Matches(text, "`([A-Z]\\w*)").Select(m => m.Groups[1].Value))];
        string[] bare = [.. literals.SelectMany(text => Regex.Matches(text, "(?<!`)\\b[A-Z]\\w+\\b").Select(m => m.Value))];

        Assert.Contains("CaFile", named);
        Assert.DoesNotContain(named, name => !everywhere.Contains(name));
        Assert.DoesNotContain(bare, word => everywhere.Contains(word) && !inOneWord.Contains(word)); // Relays, Key and the like are words, too
    }

    [Theory]
    [InlineData("`CaFile` 'x' could not be read", "--ca-file 'x' could not be read", "-CaFile 'x' could not be read")]
    [InlineData("wait longer (`WaitTimeout`)", "wait longer (--wait-timeout)", "wait longer (-WaitTimeoutSeconds)")]
    [InlineData("fewer `Connections` of `Relays`", "fewer --connections of --relay", "fewer -ConnectionCount of -Relay")]
    [InlineData("`Hash Off` needs `Encryption On`: why", "--hash off needs --encryption on: why", "-Hash Off needs -Encryption On: why")]
    [InlineData("as `openssl x509` prints it, in /a`b/C`d", "as `openssl x509` prints it, in /a`b/C`d", "as `openssl x509` prints it, in /a`b/C`d")]
    public void A_message_names_options_as_each_face_has_them(string message, string tool, string cmdlet)
    {
        Assert.Equal(tool, ToolOptionNames.In(message));
        Assert.Equal(cmdlet, OptionNames.Replace(message, option => "-" + (AllSides.Values.SelectMany(s => s.Options).FirstOrDefault(o => o.Definition.Name == option).Definition?.CmdletName ?? option)));
    }

    [Theory]
    [InlineData(typeof(P2PEncryption), typeof(PayloadEncryption))]
    [InlineData(typeof(P2PDirect), typeof(DirectMode))]
    [InlineData(typeof(P2PLinkPolicy), typeof(LinkPolicy))]
    [InlineData(typeof(P2PCompression), typeof(PayloadCompression))]
    [InlineData(typeof(P2PCompressionCodec), typeof(CompressionCodec))]
    [InlineData(typeof(P2PHash), typeof(HashMode))]
    [InlineData(typeof(P2PConflictPolicy), typeof(ConflictPolicy))]
    [InlineData(typeof(P2PLogFormat), typeof(RelayLogFormat))]
    public void Choices_of_the_cmdlets_are_those_of_the_API_in_name_and_number(Type cmdlet, Type api)
    {
        Assert.Equal(Enum.GetNames(api), Enum.GetNames(cmdlet));
        Assert.Equal(Enum.GetValuesAsUnderlyingType(api).Cast<int>(), Enum.GetValuesAsUnderlyingType(cmdlet).Cast<int>());
    }

    [Fact]
    public void No_property_of_a_public_type_of_the_cmdlets_is_of_a_type_that_import_cannot_find()
    {
        using var metadata = new CmdletMetadata();
        string[] scopes = [.. metadata.PublicTypes().SelectMany(metadata.PropertyTypeScopes).Distinct()];
        Assert.Contains("System.Management.Automation", scopes);
        Assert.DoesNotContain(scopes, s => s.StartsWith("P2PCopy", StringComparison.Ordinal));
    }

    private static (OptionDefinition Definition, string? Default)[] With<T>(IReadOnlyList<OptionDefinitionOf<T>> definitions, T defaults)
        => [.. definitions.Select(d => ((OptionDefinition)d, d.DefaultText(defaults)))];

    private static IEnumerable<string> Declared(Side side, OptionFaces face, Func<OptionDefinition, string> name)
        => side.Options.Where(o => o.Definition.Has(face)).Select(o => name(o.Definition));

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];
}
