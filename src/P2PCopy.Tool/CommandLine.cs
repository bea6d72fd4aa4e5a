using System.CommandLine;
using System.CommandLine.Help;
using P2PCopy.Primitives;
using P2PCopy.Tool.Commands;
using P2PCopy.Tool.Display;

namespace P2PCopy.Tool;

/// <summary>The commands of <c>p2pcopy</c> and how a command line becomes an exit status.</summary>
internal static class CommandLine
{
    public static RootCommand Create(ToolHost host)
    {
        var root = new RootCommand("Copy files and folders between two machines that can each only reach out.")
        {
            SendCommand.Create(host),
            ReceiveCommand.Create(host),
            RelayCommand.Create(host),
            TestCommand.Create(host),
            CodeCommand.Create(host),
            DemoCommand.Create(host),
            CompletionCommand.Create(host),
        };
        root.Options.OfType<HelpOption>().Single().Action = new HelpPage();
        return root;
    }

    public static async Task<int> RunAsync(ToolHost host, string[] arguments, CancellationToken cancellationToken)
    {
        // A name may begin with an @ (no response files), and -x is never three options (no bundling).
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
        ParseResult result = Create(host).Parse(arguments, parser);
        List<string> errors = [.. result.Errors.Select(e => e.Message), .. UnknownOptions(result, arguments)];
        if (errors.Count > 0 && result.Action is not HelpPage)
        {
            foreach (string error in errors)
                host.Error.WriteLine("p2pcopy: " + HumanText.Safe(error));
            host.Error.WriteLine($"See: p2pcopy {Name(result)}--help");
            return P2PErrorCode.InvalidOption.ExitStatus();
        }

        return await result.InvokeAsync(
            new InvocationConfiguration
            {
                Output = host.Out,
                Error = host.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            },
            cancellationToken);
    }

    /// <summary>
    /// The parser takes an unknown <c>--option</c> for a path where paths may follow. A name that begins with a dash comes
    /// after <c>--</c>.
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

    private static string Name(ParseResult result)
        => result.CommandResult.Command is RootCommand ? string.Empty : result.CommandResult.Command.Name + " ";
}
