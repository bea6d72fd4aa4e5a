using System.CommandLine;
using System.Globalization;
using System.Text;
using P2PCopy.Primitives.Options;
using P2PCopy.Relay.Options;
using P2PCopy.Tests.Unit.Tool;
using P2PCopy.Tool;
using P2PCopy.Tool.Display;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tests.Documentation;

/// <summary>The man pages, made from the commands and options of the tool.</summary>
internal static class ManPage
{
    private static readonly (string Name, string Text)[] Variables =
    [
        ("P2PCOPY_CONFIG", "The settings file instead of the usual one; none uses no file."),
        ("P2PCOPY_HISTORY", "off keeps no history of the transfers."),
        ("NO_COLOR", "If it is set, the output has no colours."),
    ];

    /// <summary>Each page with the name of its file.</summary>
    public static IEnumerable<(string File, string Text)> All()
    {
        RootCommand root = CommandLine.Create(ToolRun.SilentHost());
        yield return ("p2pcopy.1", Render(root, root));
        foreach (Command command in root.Subcommands.Where(c => !c.Hidden))
            yield return ($"p2pcopy-{command.Name}.1", Render(command, root));
    }

    private static string Render(Command command, RootCommand root)
    {
        bool isRoot = command is RootCommand;
        string name = isRoot ? "p2pcopy" : "p2pcopy-" + command.Name;
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $".\\\" Made from the options of the tool: see tests/Documentation/ManPageTests.cs.\n.TH {Escape(name.ToUpperInvariant())} 1 \"\" P2PCopy \"User Commands\"\n");
        page.Append(".SH NAME\n").Append(CultureInfo.InvariantCulture, $"{Escape(name)} \\- {Escape(Lower(command.Description!))}\n");
        page.Append(".SH SYNOPSIS\n").Append(Line(HelpPage.Synopsis(command)));
        if (HelpExamples.Of(command) is { Count: > 0 } examples)
            page.Append(".SH EXAMPLES\n.nf\n").AppendJoin(string.Empty, examples.Select(Line)).Append(".fi\n");
        if (isRoot)
            Section(page, "COMMANDS", root.Subcommands.Where(c => !c.Hidden).Select(c => ($"p2pcopy-{c.Name}(1)", c.Description)));
        Section(page, "ARGUMENTS", command.Arguments.Select(a => (a.HelpName ?? a.Name.ToUpperInvariant(), a.Description)));
        page.Append(".SH OPTIONS\n");
        IReadOnlyList<(string Title, IEnumerable<Option> Options)> groups = HelpPage.Groups(command);
        foreach ((string title, IEnumerable<Option> options) in groups)
        {
            if (groups.Count > 1)
                page.Append(".SS ").Append(Line(title));
            Items(page, options.Select(o => (HelpPage.Label(o), o.Description)));
        }

        if (isRoot)
            RootSections(page);
        page.Append(".SH SEE ALSO\n").Append(Line(isRoot ? string.Join(", ", root.Subcommands.Where(c => !c.Hidden).Select(c => $"p2pcopy-{c.Name}(1)")) : "p2pcopy(1)"));
        return page.ToString();
    }

    private static void RootSections(StringBuilder page)
    {
        IEnumerable<OptionDefinition> declared = [.. TransferOptionList.For<SendOptions>(), .. SendOptionList.All, .. TransferOptionList.For<ReceiveOptions>(), .. ReceiveOptionList.All, .. RelayOptionList.All];
        IEnumerable<(string, string?)> ofOptions = declared
            .Where(o => o.Variable is not null)
            .GroupBy(o => o.Variable!)
            .Select(g => (g.Key, (string?)$"The value of {g.First().ToolName}, if it is not on the command line."));
        Section(page, "ENVIRONMENT", [.. ofOptions.OrderBy(v => v.Item1, StringComparer.Ordinal), .. Variables.Select(v => (v.Name, (string?)v.Text))]);
        Section(page, "FILES",
        [
            ("~/.config/p2pcopy/config.json", "The settings: relays, the file of a token, defaults of options. p2pcopy config shows what is in force."),
            ("~/.local/state/p2pcopy/history.jsonl", "The last transfers, which p2pcopy history shows."),
        ]);
        IEnumerable<(string, string?)> statuses = Enum.GetValues<P2PErrorCode>()
            .GroupBy(code => code.ExitStatus())
            .OrderBy(g => g.Key)
            .Select(g => (g.Key.ToString(CultureInfo.InvariantCulture), (string?)string.Join(", ", g)));
        Section(page, "EXIT STATUS", [("0", "Every file is confirmed, unchanged, or skipped as requested."), .. statuses]);
    }

    private static void Section(StringBuilder page, string title, IEnumerable<(string Label, string? Text)> rows)
    {
        if (!rows.Any())
            return;
        page.Append(".SH ").Append(title).Append('\n');
        Items(page, rows);
    }

    private static void Items(StringBuilder page, IEnumerable<(string Label, string? Text)> rows)
    {
        foreach ((string label, string? text) in rows)
            page.Append(".TP\n.B ").Append(Line(label)).Append(Line(text ?? string.Empty));
    }

    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];

    /// <summary>One line of text that is no request of roff.</summary>
    private static string Line(string text) => (text.StartsWith('.') || text.StartsWith('\'') ? "\\&" : string.Empty) + Escape(text) + "\n";

    private static string Escape(string text)
        => text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("'", "\\(aq", StringComparison.Ordinal);
}
