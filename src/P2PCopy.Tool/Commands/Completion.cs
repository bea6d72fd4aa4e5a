using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;

namespace P2PCopy.Tool.Commands;

/// <summary>
/// Completes a command line for a shell: <c>p2pcopy [complete:POSITION] LINE</c> prints a word, a tab and its description on each line.
/// </summary>
internal static class Completion
{
    private const string Start = "[complete:";

    /// <summary>The position and the line, if this is such a call; else null.</summary>
    public static (int Position, string Line)? Asked(string[] arguments)
        => arguments is [{ } directive, { } line] && directive.StartsWith(Start, StringComparison.Ordinal)
            && int.TryParse(directive.AsSpan(Start.Length).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out int position)
                ? (Math.Min(position, line.Length), line)
                : null;

    /// <summary>The words that may stand at the position, with their descriptions; each option once, by its long name.</summary>
    public static IEnumerable<(string Word, string Description)> Of(RootCommand root, ParserConfiguration parser, int position, string line)
    {
        ParseResult result = root.Parse(line[..position], parser);
        Command command = result.CommandResult.Command;
        Dictionary<string, string> symbols = [];
        foreach (Symbol symbol in (IEnumerable<Symbol>)[.. command.Options, .. root.Options.Where(o => o.Recursive), .. command.Subcommands])
        {
            if (!symbol.Hidden)
                symbols[symbol.Name] = symbol.Description ?? string.Empty;
        }

        bool isOption = line[..position].Split(' ')[^1].StartsWith('-');
        foreach (CompletionItem item in result.GetCompletions(position))
        {
            string word = item.InsertText ?? item.Label;
            if (symbols.TryGetValue(word, out string? description))
            {
                // Options only after a dash, so that commands, codes and files are not lost among them.
                if (isOption || !word.StartsWith('-'))
                    yield return (word, description);
            }
            else if (!word.StartsWith('-') && !word.StartsWith('/'))
            {
                yield return (word, string.Empty);
            }
        }
    }
}
