using System.CommandLine;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Engine;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Commands;

/// <summary><c>p2pcopy relay</c>: runs until a signal, then lets running pairs end.</summary>
internal static class RelayCommand
{
    public const string Description = "Run a relay that pairs senders and receivers";

    // Read by the runtime before the first socket. Data is then handled by the thread that learns of it, and no other thread has
    // to be woken. A relay does little else, and uses a seventh less processor time.
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
            var display = new HumanDisplay(host, PeerRole.Send, new HumanDisplay.Manner(Quiet: false, LinesToError: true));
            RelayLogFormat format = table.LogFormat(result);
            using LogWriter? log = result.GetValue(quiet) ? null : new LogWriter(host.Error);
            var options = new RelayOptions { OnEvent = log is null ? null : happened => log.Add(happened.ToLogLine(format)) };
            try
            {
                return await TransferRun.ExecuteAsync(
                    display, token => RunAsync(host, table.Apply(options, result, host), log, token), cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not even the error can be written.
                return P2PErrorCode.Failure.ExitStatus();
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(ToolHost host, RelayOptions options, LogWriter? log, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
        using var service = new ServiceNotifier(host);
        await using RelayServer server = await RelayServer.StartAsync(options, cancellationToken);
        bool printed = PrintAddresses(host, server, log);
        service.Ready();
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        service.Stopping();
        await server.StopAsync(CancellationToken.None);
        return printed ? 0 : P2PErrorCode.Failure.ExitStatus();
    }

    // Scripts wait for these lines, so they are printed when the relay listens and not before. A relay that cannot print them runs
    // all the same, and its exit status reports the failure.
    private static bool PrintAddresses(ToolHost host, RelayServer server, LogWriter? log)
    {
        try
        {
            foreach (Uri address in server.Addresses)
                host.Out.WriteLine("listening on " + address.AbsoluteUri.TrimEnd('/'));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log?.Add($"log: standard output could not be written: {e.Message}");
            return false;
        }
    }
}
