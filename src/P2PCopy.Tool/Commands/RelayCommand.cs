using System.CommandLine;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy relay</c>: runs until it is told to stop, then lets running pairs end.</summary>
internal static class RelayCommand
{
    public const string Description = "Run a relay that pairs senders and receivers";

    // Read by the runtime before the first socket: what arrives is then handled by the thread that learns of it, and not
    // by another one that has to be woken for it. A relay does little else than that, and spends a seventh less on it.
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    public static Command Create(ToolHost host)
    {
        var table = new RelayOptionTable();
        Option<bool> quiet = Define.Flag("--quiet", "No log lines on standard error");
        var command = new Command("relay", Description);
        table.AddTo(command);
        command.Options.Add(quiet);
        command.SetAction((result, cancellationToken) =>
        {
            var display = new HumanDisplay(host, PeerRole.Send, new HumanDisplay.Manner(Quiet: false, LinesToError: true));
            var options = new RelayOptions { Log = result.GetValue(quiet) ? null : host.Error.WriteLine };
            return TransferRun.ExecuteAsync(
                display, token => RunAsync(host, table.Apply(options, result, host), token), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(ToolHost host, RelayOptions options, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
        await using RelayServer server = await RelayServer.StartAsync(options, cancellationToken);

        // The first line on standard output, and not before it is true: scripts wait for it.
        foreach (Uri address in server.Addresses)
            host.Out.WriteLine("listening on " + address.AbsoluteUri.TrimEnd('/'));
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.StopAsync(CancellationToken.None);
        return 0;
    }
}
