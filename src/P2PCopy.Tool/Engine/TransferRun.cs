using System.CommandLine;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Engine;

/// <summary>What every transferring command does around its transfer: signals, display, exit status.</summary>
internal static class TransferRun
{
    public static ITransferDisplay CreateDisplay(
        ToolHost host, PeerRole role, OutputOptionTable table, ParseResult result, bool standardOutputIsData)
    {
        bool quiet = result.GetValue(table.Quiet);
        return result.GetValue(table.Json)
            ? new JsonDisplay(host, role, quiet, standardOutputIsData ? host.Error : host.Out)
            : new HumanDisplay(host, role, new HumanDisplay.Manner(quiet, standardOutputIsData));
    }

    /// <summary>Runs a transfer and says how it ended.</summary>
    /// <returns>The exit status of design §9.</returns>
    public static async Task<int> ExecuteAsync(
        ITransferDisplay display, Func<CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            display.Error(P2PErrorCode.Cancelled, "Cancelled. Partial files stay: run the same command again to resume.");
            return P2PErrorCode.Cancelled.ExitStatus();
        }
        catch (OperationCanceledException e)
        {
            display.Error(P2PErrorCode.Cancelled, e.Message);
            return P2PErrorCode.Cancelled.ExitStatus();
        }
        catch (P2PException e)
        {
            display.Error(e.Code, e.Message);
            return e.Code.ExitStatus();
        }
        catch (Exception e)
        {
            // The last stop: whatever it was, a person gets a sentence and a script its exit status.
            string message = e is IOException or UnauthorizedAccessException ? e.Message : $"Something went wrong inside: {e}";
            display.Error(P2PErrorCode.Failure, message);
            return P2PErrorCode.Failure.ExitStatus();
        }
    }

    /// <summary>The exit status for a report: the error that ended it, else whether every file is where it should be.</summary>
    public static int Finish(ITransferDisplay display, TransferReport report)
    {
        display.Summary(report);
        if (report.Error is { } error)
        {
            display.Error(error.Code, error.Message);
            return error.Code.ExitStatus();
        }

        return report.Succeeded ? 0 : P2PErrorCode.Unconfirmed.ExitStatus();
    }
}
