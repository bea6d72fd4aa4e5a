using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace P2PCopy.Tests.Documentation;

/// <summary>A cmdlet's page of the site, made from its help (module/en-US), so that there is one text.</summary>
internal static class CmdletPage
{
    private const int Width = 100;

    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Every cmdlet of the help, with its page.</summary>
    public static IEnumerable<(string Cmdlet, string Text)> RenderAll()
        => XDocument.Load(Path.Combine(Repository.Root, "module", "en-US", "P2PCopy.Cmdlets.dll-Help.xml")).Root!
            .Elements(s_command + "command").Select(c => (Name(c.Element(s_command + "details")!, s_command), Render(c)));

    private static string Render(XElement command)
    {
        XElement details = command.Element(s_command + "details")!;
        string name = Name(details, s_command);
        var page = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"# {name}\n\n<!-- Made from module/en-US/P2PCopy.Cmdlets.dll-Help.xml: see tests/Documentation/CmdletPageTests.cs. -->\n\n")
            .Append(Paragraphs(details)).Append(Paragraphs(command));

        page.Append("## Syntax\n\n```text\n");
        page.AppendJoin("\n\n", command.Descendants(s_command + "syntaxItem").Select(Syntax)).Append("\n```\n\n## Examples\n\n");
        foreach (XElement example in command.Descendants(s_command + "example"))
        {
            page.Append("<!-- not run: an example of the help; tests/Pester/Help.Tests.ps1 checks that it parses and what it names -->\n")
                .Append(CultureInfo.InvariantCulture, $"```powershell\n{example.Element(s_dev + "code")!.Value.Trim()}\n```\n\n")
                .Append(string.Concat(example.Elements(s_dev + "remarks").Select(Blocks)));
        }

        page.Append("## Parameters\n\n");
        foreach (XElement parameter in command.Element(s_command + "parameters")!.Elements(s_command + "parameter").OrderBy(p => Name(p, s_maml), StringComparer.Ordinal))
            page.Append(Parameter(parameter));

        page.Append("## Input\n\n").Append(Types(command.Descendants(s_command + "inputType")))
            .Append("## Output\n\n").Append(Types(command.Descendants(s_command + "returnValue")));
        return page.ToString().TrimEnd() + "\n";
    }

    private static string Syntax(XElement item)
    {
        var text = new StringBuilder(Name(item, s_maml));
        int column = text.Length;
        foreach (XElement parameter in item.Elements(s_command + "parameter"))
        {
            string value = parameter.Element(s_command + "parameterValue") is { } v ? $" <{v.Value}>" : "";
            string name = $"-{Name(parameter, s_maml)}";
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
                $"Type {Name(parameter.Element(s_dev + "type")!, s_maml)}",
                (string?)parameter.Attribute("required") == "true" ? "required" : $"default {parameter.Element(s_dev + "defaultValue")?.Value ?? "none"}",
                int.TryParse((string?)parameter.Attribute("position"), out int position) ? $"position {position}" : "",
                pipeline.Equals("False", StringComparison.OrdinalIgnoreCase) ? "" : $"pipeline: {pipeline}",
                (string?)parameter.Attribute("aliases") is { } aliases and not "none" ? $"aliases {aliases}" : "",
                (string?)parameter.Attribute("globbing") == "true" ? "wildcards" : "",
            }.Where(f => f.Length > 0),
        ];
        return $"### -{Name(parameter, s_maml)}\n\n{Paragraphs(parameter)}{Escape(string.Join("; ", facts))}.\n\n";
    }

    private static string Types(IEnumerable<XElement> types)
        => string.Concat(types.Select(t => $"`{Name(t.Element(s_dev + "type")!, s_maml)}`: {Paragraphs(t)}"));

    private static string Name(XElement element, XNamespace space) => element.Element(space + "name")!.Value.Trim();

    private static string Paragraphs(XElement element) => string.Concat(element.Elements(s_maml + "description").Select(Blocks));

    // An empty paragraph is there for Get-Help, which writes no line of its own between an example and the next one.
    private static string Blocks(XElement element)
        => string.Concat(element.Elements(s_maml + "para").Select(p => Escape(p.Value.Trim())).Where(text => text.Length > 0).Select(text => text + "\n\n"));

    // What would be markup in a page is text in the help.
    private static string Escape(string text) => text.Replace("*", "\\*", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
