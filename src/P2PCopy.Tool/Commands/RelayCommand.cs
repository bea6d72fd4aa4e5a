using System.CommandLine;
using P2PCopy.Relay.Events;
using P2PCopy.Relay.Hosting;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Options;
using P2PCopy.Tool.Output;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy relay</c>: runs until a signal, then lets running pairs end.</summary>
internal static class RelayCommand
{
    public const string Description = "Run a relay that pairs senders and receivers";

    // Read by the runtime before the first socket. The thread that gets the event then handles the data, and no other thread
    // has to be woken. A relay uses a seventh less processor time this way.
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    public static Command Create(ToolHost host)
    {
        var table = new RelayOptionTable();
        Option<bool> quiet = Define.Flag("--quiet", "No log lines on standard error");
        var command = new Command("relay", Description);
        table.AddTo(command);
        command.Options.Add(quiet);
        command.SetAction(async (result, cancellationToken) =>
        {
            host.DropWhenStuck();
            var display = new HumanDisplay(host, PeerRole.Send, new HumanDisplay.Manner(Quiet: false, LinesToError: true));
            RelayLogFormat format = table.LogFormat(result);
            return await TransferRun.ExecuteAsync(display, async token =>
            {
                using LogWriter? log = OpenLog(host, table.LogPath(result), result.GetValue(quiet));
                var options = new RelayOptions
                {
                    OnEvent = log is null ? null : happened => log.Add(happened.ToLogLine(format)),
                    LostLines = () => log?.LostInAll ?? 0,
                };
                return await RunAsync(host, table.Apply(options, result, host), token);
            }, cancellationToken);
        });
        return command;
    }

    private static LogWriter? OpenLog(ToolHost host, string? path, bool quiet)
        => path is not null ? new LogWriter(new LogFile(path).TryWrite)
            : quiet ? null
            : new LogWriter(line => TryWrite(host.Error, line));

    private static bool TryWrite(TextWriter log, string line)
    {
        if (log is LineWriter lines)
            return lines.TryWriteLine(line);
        log.WriteLine(line);
        return true;
    }

    private static async Task<int> RunAsync(ToolHost host, RelayOptions options, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
        using var service = new ServiceNotifier(host);
        await using RelayServer server = await RelayServer.StartAsync(options, cancellationToken);

        // Scripts wait for these lines, so they are printed when the relay listens and not before.
        foreach (Uri address in server.Addresses)
            host.Out.WriteLine("listening on " + address.AbsoluteUri.TrimEnd('/'));
        if (host.OutputIsTerminal)
        {
            foreach (string line in RelayGreeting.Of(server))
                host.Out.WriteLine(line);
        }

        service.Ready();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var stopEvent = new StopEvent(stop.Cancel);
        await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        service.Stopping();
        await server.StopAsync(CancellationToken.None);
        return 0;
    }
}
