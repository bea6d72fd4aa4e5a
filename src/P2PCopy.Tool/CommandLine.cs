using System.CommandLine;
using System.CommandLine.Help;
using P2PCopy.Tool.Commands;
using P2PCopy.Tool.Display;

namespace P2PCopy.Tool;

/// <summary>The commands of <c>p2pcopy</c>.</summary>
internal static class CommandLine
{
    private static readonly (string Name, string Description, Func<ToolHost, Command> Create)[] Commands =
    [
        ("send", SendCommand.Description, SendCommand.Create),
        ("receive", ReceiveCommand.Description, ReceiveCommand.Create),
        ("relay", RelayCommand.Description, RelayCommand.Create),
        ("test", TestCommand.Description, TestCommand.Create),
        ("code", CodeCommand.Description, CodeCommand.Create),
        ("demo", DemoCommand.Description, DemoCommand.Create),
        ("completion", CompletionCommand.Description, CompletionCommand.Create),
    ];

    /// <summary>The root with the options of every command.</summary>
    public static RootCommand Create(ToolHost host) => Create(host, _ => true);

    /// <summary>
    /// The root for one command line. Only the named command gets its options, because those of all commands add some 15 ms to the
    /// start (docs/benchmarks.md). Shell completion (<c>[suggest]</c>) needs them all.
    /// </summary>
    public static RootCommand Create(ToolHost host, string[] arguments)
    {
        string? named = arguments.FirstOrDefault(a => !a.StartsWith('-'));
        return Create(host, name => name == named || named is ['[', ..]);
    }

    private static RootCommand Create(ToolHost host, Func<string, bool> isWhole)
    {
        var root = new RootCommand("Copy files and folders between two machines that both allow only outgoing connections.");
        foreach ((string name, string description, Func<ToolHost, Command> create) in Commands)
            root.Subcommands.Add(isWhole(name) ? create(host) : new Command(name, description));
        root.Options.OfType<HelpOption>().Single().Action = new HelpPage();
        return root;
    }

    public static async Task<int> RunAsync(ToolHost host, string[] arguments, CancellationToken cancellationToken)
    {
        // A name may begin with an @ (no response files), and -x is never three options (no bundling).
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
        ParseResult result = Create(host, arguments).Parse(arguments, parser);
        List<string> errors = [.. result.Errors.Select(e => e.Message), .. UnknownOptions(result, arguments)];
        if (errors.Count > 0 && result.Action is not HelpPage)
        {
            WriteErrors(host, arguments, errors, Name(result));
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
    /// Options that the parser took for paths, because it does not know them. A name that begins with a dash must follow <c>--</c>.
    /// </summary>
    private static IEnumerable<string> UnknownOptions(ParseResult result, string[] arguments)
    {
        int dashes = Array.IndexOf(arguments, "--");
        int literal = dashes < 0 ? 0 : arguments.Length - dashes - 1;
        List<string> values = result.CommandResult.Command.Arguments
            .SelectMany(a => result.GetResult(a)?.Tokens ?? [])
            .Select(t => t.Value)
            .ToList();
        return values.SkipLast(literal)
            .Where(v => v.Length > 1 && v[0] == '-')
            .Select(v => $"Unknown option {v}. (A name that begins with a dash goes after --.)");
    }

    /// <summary>The options could not be parsed, so the arguments are searched as text.</summary>
    private static void WriteErrors(ToolHost host, string[] arguments, List<string> errors, string command)
    {
        string[] options = [.. arguments.TakeWhile(a => a != "--")];
        if (options.Contains("--json"))
        {
            TextWriter writer = options.Contains("--stdout") ? host.Error : host.Out;
            new JsonDisplay(host, role: null, quiet: true, writer).Error(new P2PException(P2PErrorCode.InvalidOption, string.Join(' ', errors)) { Hint = See(command) });
            return;
        }

        foreach (string error in errors)
            host.Error.WriteLine("error: " + HumanText.Safe(error));
        host.Error.WriteLine("hint:  " + See(command));
    }

    private static string See(string command) => $"p2pcopy {command}--help lists the options.";

    private static string Name(ParseResult result)
        => result.CommandResult.Command is RootCommand ? string.Empty : result.CommandResult.Command.Name + " ";
}
