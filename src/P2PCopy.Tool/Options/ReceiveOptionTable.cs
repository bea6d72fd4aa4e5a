using System.CommandLine;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The options of <c>receive</c> that <c>send</c> does not have.</summary>
internal sealed class ReceiveOptionTable
{
    private readonly OptionBinder<ReceiveOptions> _binder = new(ReceiveOptionList.All, new ReceiveOptions());

    public Argument<string?> DestinationArgument { get; } = new("destination")
    {
        Description = "Folder to write to; created if it does not exist [default: .]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Option<bool> ForceTerminal { get; } = Define.Flag("--force-terminal", "With --stdout: write the content even if standard output is a terminal");

    public void AddTo(Command command)
    {
        command.Arguments.Add(DestinationArgument);
        _binder.AddTo(command);
        command.Options.Add(ForceTerminal);
        command.Validators.Add(result =>
        {
            bool asArgument = result.GetResult(DestinationArgument) is { Tokens.Count: > 0 };
            bool asOption = IsGiven(nameof(ReceiveOptions.Destination));
            if (asArgument && asOption)
                result.AddError("Give the destination once: as an argument or with --destination.");
            if (IsGiven("AsByteStream") && (asArgument || asOption))
                result.AddError("--stdout writes no file: leave the destination out.");
            if (result.GetValue(ForceTerminal) && !IsGiven("AsByteStream"))
                result.AddError("--force-terminal is for --stdout.");
            if (IsGiven("Continuous") && (IsGiven("AsByteStream") || IsGiven("Sha256List")))
                result.AddError("--stdout and --sha256-list are for one transfer, not for --continuous.");

            bool IsGiven(string name) => result.GetResult(_binder[name]) is { Implicit: false } given && given.Tokens is not [{ Value: "false" }];
        });
    }

    public bool Continuous(ParseResult result) => _binder.Flag(result, "Continuous");

    public bool Stdout(ParseResult result) => _binder.Flag(result, "AsByteStream");

    public string? Sha256List(ParseResult result) => _binder.Text(result, "Sha256List");

    /// <summary>The options with every value of this table except the output stream.</summary>
    public ReceiveOptions Apply(ReceiveOptions options, ParseResult result)
        => _binder.Apply(options, result) with
        {
            Destination = result.GetValue(DestinationArgument) ?? _binder.Text(result, nameof(ReceiveOptions.Destination)) ?? options.Destination,
        };
}
