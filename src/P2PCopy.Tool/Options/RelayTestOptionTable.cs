using System.CommandLine;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Tool.Options;

/// <summary>The options of <c>test</c>.</summary>
internal sealed class RelayTestOptionTable
{
    private const string Relay = nameof(RelayTestOptions.Relay);
    private readonly OptionBinder<RelayTestOptions> _binder = new(RelayTestOptionList.All, new() { Relay = new Uri("ws://relay.example") });

    public Argument<string[]> RelayArgument { get; } = new("relay")
    {
        Description = "Relays to test. Environment: P2PCOPY_RELAY",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    public Option<bool> Json { get; } = Define.Flag("--json", "One JSON object per relay on standard output");

    public void AddTo(Command command)
    {
        command.Arguments.Add(RelayArgument);
        _binder.AddTo(command);
        ConnectionOptionTable.AddChecks(command, _binder);
        command.Options.Add(Json);
    }

    public bool Quiet(ParseResult result) => _binder.Flag(result, "Quiet");

    /// <summary>The relays of the command line, or else of the environment, or else of the settings.</summary>
    public Uri[] Relays(ParseResult result, ToolHost host)
    {
        Uri[] given = ConnectionOptionTable.Relays([.. result.GetValue(RelayArgument) ?? [], .. _binder.List(result, Relay)], "--relay");
        if (given.Length > 0)
            return given;
        return ConnectionOptionTable.RelaysOfEnvironment(host) is { Length: > 0 } ofEnvironment ? ofEnvironment : [.. host.Settings.Send.Relays];
    }

    public RelayTestOptions Apply(Uri relay, ParseResult result, ToolHost host)
        => ConnectionOptionTable.WithToken(_binder.Apply(host.Settings.ForTest(relay), result), relay, _binder, result, host);
}
