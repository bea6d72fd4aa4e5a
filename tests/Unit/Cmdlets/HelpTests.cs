using System.Xml.Linq;

namespace P2PCopy.Tests.Unit.Cmdlets;

/// <summary>The help is written by hand: it must tell of every parameter and of no other, with examples. It needs no PowerShell.</summary>
public sealed class HelpTests
{
    private static readonly XNamespace CommandNamespace = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";

    [Fact]
    public void Every_parameter_has_its_help_and_every_cmdlet_two_examples()
    {
        using var metadata = new CmdletMetadata();
        Dictionary<string, XElement> help = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "P2PCopy.Cmdlets.dll-Help.xml"))
            .Descendants(CommandNamespace + "command")
            .ToDictionary(c => c.Element(CommandNamespace + "details")!.Element(CommandNamespace + "name")!.Value);
        string[] classes = [.. metadata.PublicTypes().Where(t => t.EndsWith("Command", StringComparison.Ordinal) && help.ContainsKey(Name(t)))];

        Assert.Equal(help.Keys.Order(), classes.Select(Name).Order());
        Assert.Equal(11, classes.Length);
        foreach (string type in classes)
        {
            XElement command = help[Name(type)];
            string[] described = [.. command.Element(CommandNamespace + "parameters")!.Elements().Select(p => p.Element(Maml + "name")!.Value)];
            Assert.Equal(metadata.Parameters(type).Order(), described.Except(["WhatIf", "Confirm"]).Order());
            Assert.All(command.Descendants(CommandNamespace + "parameter"), p => Assert.True(p.Element(Maml + "description")!.Value.Trim().Length > 10));
            Assert.InRange(command.Descendants(CommandNamespace + "example").Count(), 2, 100);

            // The syntax names the same ones: a parameter that no set shows is not found by those who look there.
            IEnumerable<string> shown = command.Element(CommandNamespace + "syntax")!.Descendants(Maml + "name").Select(n => n.Value).Except([Name(type)]);
            Assert.Equal(described.Order(), shown.Distinct().Order());
        }
    }

    private static string Name(string type)
    {
        string name = type[..^"Command".Length];
        int noun = name.IndexOf("P2P", StringComparison.Ordinal);
        return noun < 0 ? name : $"{name[..noun]}-{name[noun..]}";
    }
}
