using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using P2PCopy.Primitives;
using P2PCopy.Tool.Codes;
using P2PCopy.Tool.Commands;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tool;

/// <summary>The commands of <c>p2pcopy</c>.</summary>
internal static class CommandLine
{
    private static readonly (string Name, string Description, Func<ToolHost, Command> Create)[] Commands =
    [
        ("send", SendCommand.Description, SendCommand.Create),
        (ReceiveCommand.Name, ReceiveCommand.Description, ReceiveCommand.Create),
        ("relay", RelayCommand.Description, RelayCommand.Create),
        (ConfigCommand.Name, ConfigCommand.Description, ConfigCommand.Create),
        ("test", TestCommand.Description, TestCommand.Create),
        (HistoryCommand.Name, HistoryCommand.Description, HistoryCommand.Create),
        ("code", CodeCommand.Description, CodeCommand.Create),
        ("demo", DemoCommand.Description, DemoCommand.Create),
        ("completion", CompletionCommand.Description, CompletionCommand.Create),
    ];

    /// <summary>The root with the options of every command.</summary>
    public static RootCommand Create(ToolHost host) => Create(host, _ => true);

    /// <summary>
    /// The root for one command line. Only the named command gets its options, because those of all commands add some 15 ms to the
    /// start (docs/benchmarks.md).
    /// </summary>
    public static RootCommand Create(ToolHost host, string[] arguments)
    {
        string? named = arguments.FirstOrDefault(a => !a.StartsWith('-'));
        return Create(host, name => name == named);
    }

    private static RootCommand Create(ToolHost host, Func<string, bool> isWhole)
    {
        var root = new RootCommand("Copy files and folders between two machines that both allow only outgoing connections.");
        foreach ((string name, string description, Func<ToolHost, Command> create) in Commands)
            root.Subcommands.Add(isWhole(name) ? create(host) : new Command(name, description));
        root.Options.OfType<HelpOption>().Single().Action = new HelpPage(host);
        root.Options.OfType<VersionOption>().Single().Aliases.Add("-V");
        return root;
    }

    public static async Task<int> RunAsync(ToolHost host, string[] arguments, CancellationToken cancellationToken)
    {
        // A name may begin with an @ (no response files), and -x is never three options (no bundling).
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
        if (Completion.Asked(arguments) is var (position, line))
        {
            foreach ((string word, string description) in Completion.Of(Create(host), parser, position, line))
                host.Out.WriteLine($"{word}\t{description}");
            return 0;
        }

        try
        {
            arguments = NamedRelays.Replace(Usual(arguments), host);
        }
        catch (P2PException e)
        {
            WriteErrors(host, arguments, [e.Message], e.Hint);
            return e.Code.ExitStatus();
        }

        ParseResult result = Create(host, arguments).Parse(arguments, parser);
        CommandLineMask.Hide([.. Secrets(result)]);
        List<string> unknown = [.. UnknownOptions(result, arguments)];
        List<string> errors = [.. Problems(result), .. unknown.Select(o => $"Unknown option {o}.")];
        if (errors.Count > 0 && result.Action is not HelpPage)
        {
            WriteErrors(host, arguments, errors, Hint(result, unknown.FirstOrDefault()));
            return P2PErrorCode.InvalidOption.ExitStatus();
        }

        int status = await result.InvokeAsync(
            new InvocationConfiguration
            {
                Output = host.Out,
                Error = host.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            },
            cancellationToken);
        return status == 0 && host.HasLostLines ? P2PErrorCode.Failure.ExitStatus() : status;
    }

    /// <summary>
    /// The command line with a command at its start. No arguments, <c>help COMMAND</c> and <c>version</c> become options; a code
    /// alone becomes <c>receive</c> with the code.
    /// </summary>
    private static string[] Usual(string[] arguments) => arguments switch
    {
        [] or ["help"] => ["--help"],
        ["help", { } command, ..] => [command, "--help"],
        ["version"] => ["--version"],
        [{ } first, ..] when TypedCode.IsGenerated(first) || TypedCode.IsGenerated(string.Join(' ', arguments)) => [ReceiveCommand.Name, .. arguments],
        _ => arguments,
    };

    /// <summary>Values that other users must not see in the list of processes.</summary>
    private static IEnumerable<string> Secrets(ParseResult result)
    {
        foreach (SecretOption option in result.CommandResult.Command.Options.OfType<SecretOption>())
        {
            foreach (Token token in result.GetResult(option)?.Tokens ?? [])
                yield return token.Value;
        }

        if (result.CommandResult.Command.Name != ReceiveCommand.Name)
            yield break;
        foreach (Token token in ArgumentTokens(result).Where(t => TypedCode.IsGenerated(t.Value)))
            yield return token.Value;
    }

    /// <summary>The parser's errors. For an unknown command the parser writes two sentences, and one is sufficient.</summary>
    private static IEnumerable<string> Problems(ParseResult result)
        => result.Errors.Count > 0 && result.CommandResult.Command is RootCommand && UnknownCommand(result) is { } unknown
            ? [$"There is no command '{unknown}'."]
            : result.Errors.Select(e => e.Message);

    private static string? UnknownCommand(ParseResult result) => result.UnmatchedTokens.FirstOrDefault(t => !t.StartsWith('-'));

    /// <summary>
    /// Unknown options, which the parser treats as paths. A name that begins with a dash must follow <c>--</c>.
    /// </summary>
    private static IEnumerable<string> UnknownOptions(ParseResult result, string[] arguments)
    {
        int dashes = Array.IndexOf(arguments, "--");
        int literal = dashes < 0 ? 0 : arguments.Length - dashes - 1;
        return ArgumentTokens(result).Select(t => t.Value).SkipLast(literal).Where(v => v.Length > 1 && v[0] == '-');
    }

    private static List<Token> ArgumentTokens(ParseResult result)
        => [.. result.CommandResult.Command.Arguments.SelectMany(a => result.GetResult(a)?.Tokens ?? [])];

    /// <summary>The nearest name that exists, or where the names are listed.</summary>
    private static string Hint(ParseResult result, string? unknownOption)
    {
        Command command = result.CommandResult.Command;
        string list = $"p2pcopy {(command is RootCommand ? string.Empty : command.Name + " ")}--help lists the {(command is RootCommand ? "commands" : "options")}.";
        if (command is RootCommand && UnknownCommand(result) is { } unknown)
            return Suggestion.Nearest(unknown, Commands.Select(c => c.Name)) is { } known ? $"Did you mean '{known}'? {list}" : list;
        if (unknownOption is null)
            return list;
        return Suggestion.Nearest(unknownOption, command.Options.Where(o => !o.Hidden).Select(o => o.Name)) is { } option
            ? $"Did you mean {option}? {list}"
            : $"{list} A name that begins with a dash goes after --.";
    }

    /// <summary>The options could not be parsed, so the arguments are searched as text.</summary>
    private static void WriteErrors(ToolHost host, string[] arguments, List<string> errors, string? hint)
    {
        string[] options = [.. arguments.TakeWhile(a => a != "--")];
        if (options.Contains("--json"))
        {
            TextWriter writer = options.Contains("--stdout") ? host.Error : host.Out;
            new JsonDisplay(host, role: null, quiet: true, writer).Error(new P2PException(P2PErrorCode.InvalidOption, string.Join(' ', errors)) { Hint = hint });
            return;
        }

        var screen = new Screen(host);
        foreach (string error in errors)
            screen.Trouble(Label.Error, HumanText.Safe(error));
        if (hint is not null)
            screen.Trouble(Label.Hint, HumanText.Safe(hint));
    }
}
