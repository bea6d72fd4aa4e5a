using System.CommandLine;
using P2PCopy.Tool.Display;
using P2PCopy.Tool.Options;
using P2PCopy.Tool.Output;

namespace P2PCopy.Tool.Engine;

/// <summary>The parts that all commands share: display, errors, exit status.</summary>
internal static class TransferRun
{
    public static ITransferDisplay CreateDisplay(
        ToolHost host, PeerRole role, OutputOptionTable table, ParseResult result, bool standardOutputIsData, bool isStanding = false)
    {
        host.ErrorCarriesLines = standardOutputIsData;
        host.DropWhenStuck();
        bool quiet = result.GetValue(table.Quiet);
        ITransferDisplay display = result.GetValue(table.Json)
            ? new JsonDisplay(host, role, quiet, standardOutputIsData ? host.Error : host.Out)
            : new HumanDisplay(host, role, new HumanDisplay.Manner(quiet, standardOutputIsData));
        var recorded = new RecordedDisplay(display, role, new HistoryFile(host));
        return isStanding ? recorded : new ResumableDisplay(recorded, role, RepeatedCommand.Of(result));
    }

    /// <summary>Runs a command and shows its error.</summary>
    /// <param name="display">Shows the error.</param>
    /// <param name="run">The command.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The exit status (docs/tool.md).</returns>
    public static async Task<int> ExecuteAsync(
        ITransferDisplay display, Func<CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        try
        {
            if (ProcessLimits.Problem() is { } problem)
                throw problem;
            return await run(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            display.Error(display.HasBegun
                ? new P2PException(P2PErrorCode.Cancelled, "The transfer was cancelled; partial files are kept.")
                : new P2PException(P2PErrorCode.Cancelled, "Cancelled before anything was transferred."));
            return P2PErrorCode.Cancelled.ExitStatus();
        }
        catch (OperationCanceledException e)
        {
            display.Error(new P2PException(P2PErrorCode.Cancelled, e.Message));
            return P2PErrorCode.Cancelled.ExitStatus();
        }
        catch (P2PException e)
        {
            display.Error(e);
            return e.Code.ExitStatus();
        }
        catch (Exception e) when (P2PException.IsOutOfMemory(e))
        {
            display.Error(P2PException.Of(e));
            return P2PErrorCode.Failure.ExitStatus();
        }
        catch (Exception e)
        {
            // No caller catches exceptions, so every error becomes a message and an exit status here.
            string message = e is IOException or UnauthorizedAccessException ? e.Message : $"Internal error: {e}";
            display.Error(new P2PException(P2PErrorCode.Failure, message));
            return P2PErrorCode.Failure.ExitStatus();
        }
    }

    /// <summary>The exit status for a report: that of the error that ended the transfer, or else whether every file succeeded.</summary>
    public static int Finish(ITransferDisplay display, TransferReport report)
    {
        display.Summary(report);
        if (report.Error is { } error)
        {
            display.Error(error);
            return error.Code.ExitStatus();
        }

        return report.Succeeded ? 0 : P2PErrorCode.Unconfirmed.ExitStatus();
    }
}
