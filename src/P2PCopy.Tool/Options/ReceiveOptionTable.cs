using System.CommandLine;
using System.CommandLine.Parsing;
using P2PCopy.Primitives.Options;
using P2PCopy.Tool.Codes;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The options of <c>receive</c> that <c>send</c> does not have.</summary>
internal sealed class ReceiveOptionTable
{
    private readonly OptionBinder<ReceiveOptions> _binder = new(ReceiveOptionList.All, new ReceiveOptions());

    private readonly Argument<string[]> _words = new("destination")
    {
        HelpName = "[CODE] [DESTINATION]",
        Description = "The code that the sender shows, and the folder to write to, which is created if it does not exist [default: .]",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    public Option<bool> ForceTerminal { get; } = Define.Flag("--force-terminal", "With --stdout: write the content even if standard output is a terminal");

    public void AddTo(Command command)
    {
        command.Arguments.Add(_words);
        _binder.AddTo(command, OptionGroup.Files);
        command.Add(ForceTerminal, OptionGroup.Files);
        command.Validators.Add(result =>
        {
            TypedCode? typed = Typed(result.GetResult(_words));
            if (typed is null)
                result.AddError("receive takes a code and a folder, not more.");
            if (typed is { Code: null, Folder: { } folder } && TypedCode.IsIncomplete(folder) && !Directory.Exists(folder))
                result.AddError("This looks like the beginning of a code, without all of its words. Copy the whole code; or write ./ before the name of a new folder.");
            bool asArgument = typed?.Folder is not null;
            bool asOption = IsGiven(nameof(ReceiveOptions.Destination));
            if (asArgument && asOption)
                result.AddError("Give the destination once: as an argument or with --destination.");
            if (IsGiven("AsByteStream") && (asArgument || asOption))
                result.AddError("--stdout writes no file: leave the destination out.");
            if (result.GetValue(ForceTerminal) && !IsGiven("AsByteStream"))
                result.AddError("--force-terminal is for --stdout.");
            if (IsGiven("Continuous") && (IsGiven("AsByteStream") || IsGiven("Sha256List")))
                result.AddError("--stdout and --sha256-list are for one transfer, not for --continuous.");

            if (IsGiven(nameof(ReceiveOptions.DrainTimeout)) && !IsGiven("Continuous"))
                result.AddError("--drain-timeout is for --continuous.");

            bool IsGiven(string name) => result.GetResult(_binder[name]) is { Implicit: false } given && given.Tokens is not [{ Value: "false" }];
        });
    }

    /// <summary>The code among the arguments; null if there is none.</summary>
    public string? CodeArgument(ParseResult result) => Typed(result.GetResult(_words))?.Code;

    /// <inheritdoc cref="CodeArgument(ParseResult)"/>
    public string? CodeArgument(CommandResult result) => Typed(result.GetResult(_words))?.Code;

    public bool Continuous(ParseResult result) => _binder.Flag(result, "Continuous");

    public bool Stdout(ParseResult result) => _binder.Flag(result, "AsByteStream");

    public string? Sha256List(ParseResult result) => _binder.Text(result, "Sha256List");

    /// <summary>The options with every value of this table except the output stream.</summary>
    public ReceiveOptions Apply(ReceiveOptions options, ParseResult result)
        => _binder.Apply(options, result) with
        {
            Destination = Typed(result.GetResult(_words))?.Folder ?? _binder.Text(result, nameof(ReceiveOptions.Destination)) ?? options.Destination,
        };

    private static TypedCode? Typed(ArgumentResult? words) => TypedCode.Split([.. (words?.Tokens ?? []).Select(t => t.Value)], Directory.Exists);
}
