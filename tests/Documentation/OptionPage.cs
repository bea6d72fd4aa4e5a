using System.Globalization;
using System.Text;
using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tests.Documentation;

/// <summary>The page of all options, made from their declarations.</summary>
internal static class OptionPage
{
    public static string Render()
    {
        var page = new StringBuilder("""
            # Options

            <!-- Made from the declarations of the options: see tests/Documentation/OptionPageTests.cs. -->

            Every option of the tool, the cmdlets and the API, with its values and its default. `p2pcopy COMMAND --help` and the pages of the
            cmdlets have the same options in their own form. [The tool](tool.md#values) describes the units of times, sizes and rates; a cmdlet
            takes seconds and bytes, the API `TimeSpan` values and bytes.


            """);
        Section(page, "Send and receive", "Both sides have these options.", TransferOptionList.For<SendOptions>(), new SendOptions());
        Section(page, "Send", "`p2pcopy send`, `Send-P2PFile`, `SendOptions`", SendOptionList.All, new SendOptions());
        Section(page, "Receive", "`p2pcopy receive`, `Receive-P2PFile`, `ReceiveOptions`", ReceiveOptionList.All, new ReceiveOptions());
        Section(page, "Relay", "`p2pcopy relay`, `Start-P2PRelay`, `RelayOptions`", RelayOptionList.All, new RelayOptions());
        Section(page, "Test a relay", "`p2pcopy test`, `Test-P2PRelay`, `RelayTestOptions`", RelayTestOptionList.All, new RelayTestOptions { Relay = new Uri("ws://relay.example") });
        return page.ToString().TrimEnd() + "\n";
    }

    private static void Section<T>(StringBuilder page, string heading, string intro, IReadOnlyList<OptionDefinitionOf<T>> options, T defaults)
    {
        page.Append(CultureInfo.InvariantCulture, $"## {heading}\n\n{intro}\n\n| tool | cmdlet | API | values | default | meaning |\n|---|---|---|---|---|---|\n");
        foreach (OptionDefinitionOf<T> option in options.OrderBy(o => o.Name, StringComparer.Ordinal))
        {
            string variable = option.Variable is null ? "" : $", or the variable {option.Variable}";
            string[] cells =
            [
                option.Has(OptionFaces.Tool) ? Code(option.ShortToolName is null ? option.ToolName : $"{option.ShortToolName}, {option.ToolName}") : "",
                option.Has(OptionFaces.Cmdlet) ? Code("-" + option.CmdletName) : "",
                option.Has(OptionFaces.Api) ? Code(option.Name) : "",
                option.Form == OptionForm.Flag || !option.IsValue ? "" : option.Takes,
                option.Form == OptionForm.Flag ? "off" : option.DefaultText(defaults) ?? "none",
                option.Help + variable,
            ];
            page.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal))).Append(" |\n");
        }

        page.Append('\n');
    }

    private static string Code(string text) => $"`{text}`";
}
