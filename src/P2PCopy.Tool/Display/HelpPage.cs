using System.CommandLine;
using System.CommandLine.Invocation;

namespace P2PCopy.Tool.Display;

/// <summary>Prints help for 80 columns.</summary>
internal sealed class HelpPage : SynchronousCommandLineAction
{
    private const int Columns = 79;
    private const int TextColumn = 26;

    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        TextWriter writer = parseResult.InvocationConfiguration.Output;
        string full = command is RootCommand ? "p2pcopy" : "p2pcopy " + command.Name;
        string arguments = string.Concat(command.Arguments.Select(a => " " + Usage(a)));
        writer.WriteLine(command.Subcommands.Count > 0 ? $"Usage: {full} COMMAND [OPTION...]" : $"Usage: {full}{arguments} [OPTION...]");
        writer.WriteLine(HumanText.Wrap(command.Description ?? string.Empty, Columns, 0));

        Section(writer, "Commands", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description)));
        Section(writer, "Arguments", command.Arguments.Select(a => (a.Name.ToUpperInvariant(), a.Description)));
        Section(writer, "Options", command.Options.Where(o => !o.Hidden).OrderBy(o => o.Name is "--help" or "--version").Select(o => (Label(o), o.Description)));
        if (command is RootCommand)
        {
            writer.WriteLine();
            writer.WriteLine("p2pcopy COMMAND --help lists the options of a command.");
        }

        return 0;
    }

    private static string Usage(Argument argument)
    {
        string name = argument.Name.ToUpperInvariant() + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : string.Empty);
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string Label(Option option)
        => option.Name switch
        {
            "--help" => "-h, --help",
            _ => option.HelpName is { } value ? $"{option.Name} {value}" : option.Name,
        };

    private static void Section(TextWriter writer, string title, IEnumerable<(string Label, string? Text)> rows)
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
            if (start.Length > TextColumn - 2)
            {
                writer.WriteLine(start);
                start = string.Empty;
            }

            // A default is not broken over lines.
            string? unbroken = text?.Replace("[default: ", "[default:\u00A0", StringComparison.Ordinal);
            string wrapped = HumanText.Wrap(start.PadRight(TextColumn - 1) + " " + unbroken, Columns, TextColumn);
            writer.WriteLine(wrapped.Replace('\u00A0', ' '));
        }
    }
}
