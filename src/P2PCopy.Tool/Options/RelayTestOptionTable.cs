using System.CommandLine;

namespace P2PCopy.Tool.Options;

/// <summary>What <c>test</c> takes: names and defaults are those of <see cref="RelayTestOptions"/>.</summary>
internal sealed class RelayTestOptionTable
{
    private static readonly RelayTestOptions Defaults = new() { Relay = new Uri("ws://relay.example") };
    private readonly ConnectionOptionTable _connection = new();

    public Argument<string[]> RelayArgument { get; } = new("relay")
    {
        Description = "Relays to test. Environment: P2PCOPY_RELAY",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    public Option<string[]> Relay { get; } = Define.Texts("--relay", "uri", "The same as an option");

    public Option<int> Measure { get; } = Define.Seconds("--measure", Defaults.MeasureSeconds, 0, 60,
        "How long to measure throughput; 0 does not measure it");

    public Option<bool> Quiet { get; } = Define.Flag("--quiet", "Only the exit status");

    public Option<bool> Json { get; } = Define.Flag("--json", "One JSON object a relay on standard output");

    public void AddTo(Command command)
    {
        command.Arguments.Add(RelayArgument);
        command.Options.Add(Relay);
        command.Options.Add(Measure);
        _connection.AddTo(command);
        command.Options.Add(Json);
        command.Options.Add(Quiet);
    }

    public RelayTestOptions Apply(Uri relay, ParseResult result, ToolHost host)
        => _connection.Apply(new RelayTestOptions { Relay = relay }, result, host) with { MeasureSeconds = result.GetValue(Measure) };
}
