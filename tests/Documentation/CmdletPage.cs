using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace P2PCopy.Tests.Documentation;

/// <summary>A cmdlet's page of the site, made from its help (module/en-US), so that there is one text.</summary>
internal static class CmdletPage
{
    private const int Width = 100;

    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Every cmdlet of the help, with its page.</summary>
    public static IEnumerable<(string Cmdlet, string Text)> RenderAll()
        => XDocument.Load(Path.Combine(Repository.Root, "module", "en-US", "P2PCopy.Cmdlets.dll-Help.xml")).Root!
            .Elements(Command + "command").Select(c => (Name(c.Element(Command + "details")!, Command), Render(c)));

    private static string Render(XElement command)
    {
        XElement details = command.Element(Command + "details")!;
        string name = Name(details, Command);
        var page = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"# {name}\n\n<!-- Made from module/en-US/P2PCopy.Cmdlets.dll-Help.xml: see tests/Documentation/CmdletPageTests.cs. -->\n\n")
            .Append(Paragraphs(details)).Append(Paragraphs(command));

        page.Append("## Syntax\n\n```text\n");
        page.AppendJoin("\n\n", command.Descendants(Command + "syntaxItem").Select(Syntax)).Append("\n```\n\n## Examples\n\n");
        foreach (XElement example in command.Descendants(Command + "example"))
        {
            page.Append(ChangesSystem(name)
                    ? "<!-- not run: it needs a service; tests/Pester/Help.Tests.ps1 checks that it parses and what it names -->\n"
                    : "<!-- run by: tests/Pester/Examples.Tests.ps1 -->\n")
                .Append(CultureInfo.InvariantCulture, $"```powershell\n{example.Element(Dev + "code")!.Value.Trim()}\n```\n\n")
                .Append(string.Concat(example.Elements(Dev + "remarks").Select(Blocks)));
        }

        page.Append("## Parameters\n\n");
        foreach (XElement parameter in command.Element(Command + "parameters")!.Elements(Command + "parameter").OrderBy(p => Name(p, Maml), StringComparer.Ordinal))
            page.Append(Parameter(parameter));

        page.Append("## Input\n\n").Append(Types(command.Descendants(Command + "inputType")))
            .Append("## Output\n\n").Append(Types(command.Descendants(Command + "returnValue")));
        return page.ToString().TrimEnd() + "\n";
    }

    // These need a service of the operating system, or a relay that runs as one.
    private static bool ChangesSystem(string cmdlet) => cmdlet.EndsWith("Service", StringComparison.Ordinal) || cmdlet is "Get-P2PRelay" or "Stop-P2PRelay";

    private static string Syntax(XElement item)
    {
        var text = new StringBuilder(Name(item, Maml));
        int column = text.Length;
        foreach (XElement parameter in item.Elements(Command + "parameter"))
        {
            string value = parameter.Element(Command + "parameterValue") is { } v ? $" <{v.Value}>" : "";
            string name = $"-{Name(parameter, Maml)}";
            bool isPositional = int.TryParse((string?)parameter.Attribute("position"), out _);
            string word = (isPositional ? $"[{name}]" : name) + value;
            if ((string?)parameter.Attribute("required") != "true")
                word = $"[{word}]";
            if (column + 1 + word.Length > Width)
            {
                text.Append("\n   ");
                column = 3;
            }

            text.Append(' ').Append(word);
            column += 1 + word.Length;
        }

        return text.ToString();
    }

    private static string Parameter(XElement parameter)
    {
        string pipeline = (string?)parameter.Attribute("pipelineInput") ?? "False";
        string[] facts =
        [
            .. new[]
            {
                $"Type {Name(parameter.Element(Dev + "type")!, Maml)}",
                (string?)parameter.Attribute("required") == "true" ? "required" : $"default {parameter.Element(Dev + "defaultValue")?.Value ?? "none"}",
                int.TryParse((string?)parameter.Attribute("position"), out int position) ? $"position {position}" : "",
                pipeline.Equals("False", StringComparison.OrdinalIgnoreCase) ? "" : $"pipeline: {pipeline}",
                (string?)parameter.Attribute("aliases") is { } aliases and not "none" ? $"aliases {aliases}" : "",
                (string?)parameter.Attribute("globbing") == "true" ? "wildcards" : "",
            }.Where(f => f.Length > 0),
        ];
        return $"### -{Name(parameter, Maml)}\n\n{Paragraphs(parameter)}{Escape(string.Join("; ", facts))}.\n\n";
    }

    private static string Types(IEnumerable<XElement> types)
        => string.Concat(types.Select(t => $"`{Name(t.Element(Dev + "type")!, Maml)}`: {Paragraphs(t)}"));

    private static string Name(XElement element, XNamespace space) => element.Element(space + "name")!.Value.Trim();

    private static string Paragraphs(XElement element) => string.Concat(element.Elements(Maml + "description").Select(Blocks));

    // An empty paragraph is only for Get-Help, which writes no empty line between two examples.
    private static string Blocks(XElement element)
        => string.Concat(element.Elements(Maml + "para").Select(p => Escape(p.Value.Trim())).Where(text => text.Length > 0).Select(text => text + "\n\n"));

    // The help is plain text, so characters with a meaning in Markdown are escaped.
    private static string Escape(string text) => text.Replace("*", "\\*", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
