using System.CommandLine;
using P2PCopy.Primitives;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy code</c>: a new code for both sides of a transfer.</summary>
internal static class CodeCommand
{
    public const string Description = "Print a new code";

    public static Command Create(ToolHost host)
    {
        Option<int> words = Define.Number("--words", "count", PairingCode.DefaultWordCount, OptionLimits.MinCodeWords, OptionLimits.MaxCodeWords,
            $"Words of secret, 10 bits each; {PairingCode.StandingWordCount} or more for a standing receiver [default: {PairingCode.DefaultWordCount}]");
        var command = new Command("code", Description) { words };
        command.SetAction(result => host.Out.WriteLine(PairingCode.Generate(result.GetValue(words)).Reveal()));
        return command;
    }
}
