using System.CommandLine;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Options;
using P2PCopy.Transport;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy test</c>: tests whether relays can be used from here, and how fast they are.</summary>
internal sealed class TestCommand
{
    public const string Description = "Test a relay: reachable, TLS, version, round trip and throughput";

    private readonly ToolHost _host;
    private readonly RelayTestOptionTable _table = new();

    private TestCommand(ToolHost host) => _host = host;

    public static Command Create(ToolHost host)
    {
        var test = new TestCommand(host);
        var command = new Command("test", Description);
        test._table.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            ITransferDisplay display = result.GetValue(test._table.Json)
                ? new JsonDisplay(host, role: null, quiet: true, host.Out)
                : new HumanDisplay(host, PeerRole.Send, new HumanDisplay.Manner(Quiet: true, LinesToError: true));
            return TransferRun.ExecuteAsync(display, token => test.RunAsync(result, token), cancellationToken);
        });
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        Uri[] relays = _table.Relays(result, _host);
        if (relays.Length == 0)
            throw new P2PException(P2PErrorCode.InvalidOption, "There is no relay.") { Hint = "Name one, or set P2PCOPY_RELAY." };

        // All relays are tested; the exit status is that of the first one that failed.
        int status = 0;
        foreach (Uri relay in relays)
        {
            // The token belongs to the first relay. Other relays must not learn it.
            RelayTestOptions options = _table.Apply(relay, result, _host);
            if (RelayAddress.Origin(relay) != RelayAddress.Origin(relays[0]))
                options = options with { Token = null };
            RelayTestReport report = await _host.Engine.TestRelayAsync(options, cancellationToken);
            if (!_table.Quiet(result))
                RelayTestDisplay.Write(_host, report, result.GetValue(_table.Json));
            if (status == 0 && report.Error is { } error)
                status = error.Code.ExitStatus();
        }

        return status;
    }
}
