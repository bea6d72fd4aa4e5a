using System.CommandLine;
using System.CommandLine.Invocation;
using P2PCopy.Primitives.Options;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Display;

/// <summary>Prints help: usage, examples, then the commands, arguments and options, in the width of the terminal.</summary>
internal sealed class HelpPage(ToolHost host) : SynchronousCommandLineAction
{
    private const int NarrowestColumns = 40;
    private const int WidestColumns = 100;
    private const int TextColumn = 26;

    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        var writer = new Page(parseResult.InvocationConfiguration.Output, Math.Clamp(host.OutputIsTerminal ? host.Width() : 80, NarrowestColumns, WidestColumns) - 1);
        writer.Line("Usage: " + Synopsis(command));
        writer.Line(command.Description ?? string.Empty);
        writer.Examples(HelpExamples.Of(command));

        writer.Section("Commands", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description)));
        writer.Section("Arguments", command.Arguments.Select(a => (a.HelpName ?? a.Name.ToUpperInvariant(), a.Description)));
        foreach ((string title, IEnumerable<Option> options) in Groups(command))
            writer.Section(title, options.Select(o => (Label(o), o.Description)));
        if (command is RootCommand)
        {
            writer.Line(string.Empty);
            writer.Line("p2pcopy COMMAND --help lists the options of a command.");
        }

        return 0;
    }

    /// <summary>The form of the command line.</summary>
    public static string Synopsis(Command command)
    {
        string full = command is RootCommand ? "p2pcopy" : "p2pcopy " + command.Name;
        return command.Subcommands.Count > 0 ? $"{full} COMMAND [OPTION...]" : $"{full}{string.Concat(command.Arguments.Select(a => " " + Usage(a)))} [OPTION...]";
    }

    /// <summary>The options under their headings.</summary>
    public static IReadOnlyList<(string Title, IEnumerable<Option> Options)> Groups(Command command)
    {
        List<IGrouping<OptionGroup, Option>> groups = command.Options
            .Where(o => !o.Hidden)
            .OrderBy(o => o.Name is "--help" or "--version")
            .GroupBy(o => OptionGroups.Of(o) ?? OptionGroup.Output)
            .OrderBy(g => g.Key)
            .ToList();
        return [.. groups.Select(g => (groups.Count > 1 ? $"{g.Key} options" : "Options", (IEnumerable<Option>)g))];
    }

    private static string Usage(Argument argument)
    {
        if (argument.HelpName is { } form)
            return form;
        string name = argument.Name.ToUpperInvariant() + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : string.Empty);
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    /// <summary>The names of an option and its value.</summary>
    public static string Label(Option option)
        => option.Aliases.FirstOrDefault(a => a.Length == 2 && a[0] == '-' && a != "-?") is { } letter ? $"{letter}, {Long(option)}" : Long(option);

    private static string Long(Option option) => option.HelpName is { } value ? $"{option.Name} {value}" : option.Name;

    /// <summary>Lines of a fixed width.</summary>
    private sealed class Page(TextWriter writer, int columns)
    {
        private readonly int _textColumn = columns < 2 * TextColumn ? 6 : TextColumn;

        public void Line(string text) => writer.WriteLine(HumanText.Wrap(text, columns, 0));

        /// <summary>Commands are not broken into lines: they are there to be copied.</summary>
        public void Examples(IReadOnlyList<string> commands)
        {
            if (commands.Count == 0)
                return;
            writer.WriteLine();
            writer.WriteLine("Examples:");
            foreach (string command in commands)
            {
                int comment = command.IndexOf("    ", StringComparison.Ordinal);
                if (comment > 0 && 2 + command.Length > columns)
                    writer.WriteLine($"  {command[..comment]}\n{HumanText.Wrap(new string(' ', _textColumn) + command[comment..].Trim(), columns, _textColumn)}");
                else
                    writer.WriteLine("  " + command);
            }
        }

        public void Section(string title, IEnumerable<(string Label, string? Text)> rows)
        {
            bool first = true;
            foreach ((string label, string? text) in rows)
            {
                if (first)
                {
                    writer.WriteLine();
                    writer.WriteLine(title + ":");
                    first = false;
                }

                string start = "  " + label;
                if (start.Length > _textColumn - 2)
                {
                    writer.WriteLine(start);
                    start = string.Empty;
                }

                // A default is not broken over lines.
                string? unbroken = text?.Replace("[default: ", "[default:\u00A0", StringComparison.Ordinal);
                string wrapped = HumanText.Wrap(start.PadRight(_textColumn - 1) + " " + unbroken, columns, _textColumn);
                writer.WriteLine(wrapped.Replace('\u00A0', ' '));
            }
        }
    }
}
