using System.Globalization;
using System.Management.Automation;
using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Compression;
using P2PCopy.Primitives;

namespace P2PCopy.Module;

/// <summary>
/// Writes the events of the engine to the streams of a cmdlet: results to output, failed files to error, the course of the transfer
/// to verbose, problems to warning, and the code and the command for the other side to information.
/// </summary>
internal sealed class TransferEvents(CommandPump pump, ProgressReporter progress, bool sending) : IProgress<TransferProgress>
{
    private static readonly string[] HostTag = ["PSHOST"];

    /// <summary>False if the content is the output, or the offer was declined.</summary>
    public bool WritesResults { get; set; } = true;

    public void OnEvent(TransferEvent transferEvent)
    {
        switch (transferEvent)
        {
            case TransferEvent.Listening e:
                Tell(e.Addresses.Count == 1 ? "On the other machine run:" : "On the other machine run one of these, the first is the most likely:");
                foreach (Uri address in e.Addresses)
                    Tell("    Receive-P2PFile -Relay " + address.AbsoluteUri.TrimEnd('/'));
                break;
            case TransferEvent.CodeGenerated e:
                Tell("The other side will ask for this code:");
                Tell(e.Code.Reveal());
                break;
            case TransferEvent.Waiting:
                Verbose("Joined the relay; waiting for the other side.");
                break;
            case TransferEvent.Paired:
                Verbose("Both sides know the code.");
                break;
            case TransferEvent.WrongCode e:
                Warn($"The other side used a different code ({e.Attempts} so far); new attempts are blocked for {Math.Ceiling(e.BackOff.TotalSeconds):0} s.");
                break;
            case TransferEvent.Offered e:
                Verbose($"The offer: {e.Offer.FileCount} files, {e.Offer.FolderCount} folders, {ByteText.Size(e.Offer.TotalBytes ?? -1)}.");
                break;
            case TransferEvent.Reconnecting e:
                Warn($"Connection lost; reconnecting: {e.Reason}");
                break;
            case TransferEvent.Reconnected:
                Verbose("Reconnected.");
                break;
            case TransferEvent.PathChanged e:
                Verbose("Content takes this path now: " + (e.Direct is { } address ? $"direct, {address}." : "through the relay."));
                break;
            case TransferEvent.Dialling e:
                Verbose($"Dialling {e.Address}.");
                break;
            case TransferEvent.Warning e:
                Warn(e.Message);
                break;
            case TransferEvent.FileCompleted e:
                Completed(e.File);
                break;
        }
    }

    public void Report(TransferProgress value)
        => progress.Set(new ProgressSample(
            Status(value), value.FilesDone, value.FilesTotal, value.BytesDone, value.BytesTotal ?? -1, value.CurrentName,
            value.CurrentDone, value.CurrentTotal ?? -1, value.BytesPerSecond, value.SecondsRemaining));

    /// <summary>Writes a summary for -Verbose, and throws the error that ended the transfer early.</summary>
    public void Finish(TransferReport report)
    {
        Sum(report);
        if (report.Error is { } error)
            throw error;
    }

    /// <summary>
    /// Writes a summary of a transfer whose content went to the pipeline, and throws if the content is incomplete, so that the next
    /// command cannot mistake a part for the whole.
    /// </summary>
    public void FinishStream(TransferReport report)
    {
        Finish(report);
        if (report.Files.FirstOrDefault(f => f.Error is not null) is { } failed)
            throw new P2PException(failed.Error!.Value, failed.Message ?? $"{failed.Name} did not arrive completely.");
    }

    /// <summary>Writes a summary of one transfer of a standing receiver. Its error does not end the command.</summary>
    public void FinishOne(TransferReport report, object? target)
    {
        Sum(report);
        if (report.Error is { } error)
            pump.Post(cmdlet => cmdlet.WriteError(ErrorMapper.Session(error, target)));
    }

    private void Sum(TransferReport report)
        => Verbose(string.Create(
            CultureInfo.InvariantCulture,
            $"{(sending ? "Sent" : "Received")} {ByteText.Size(report.BytesCopied)} in {report.Duration.TotalSeconds:0.000} s{(report.SenderName is { } sender ? " from " + sender : "")}; {ByteText.Size(report.BytesTransferred)} on the wire, {ByteText.Size(report.BytesDirect)} of them direct, {(report.Codec is { } codec ? "compressed with " + ChunkCodecs.Describe(codec) : "not compressed")}, {report.Reconnects} reconnects."));

    public static P2POffer Offer(TransferOffer offer)
        => new([.. offer.Names])
        {
            FileCount = offer.FileCount,
            FolderCount = offer.FolderCount,
            Length = offer.TotalBytes ?? -1,
            FreeSpace = offer.FreeBytes,
        };

    public static string Describe(TransferOffer offer)
        => $"{Count(offer.FileCount, "file")}{(offer.FolderCount > 0 ? " and " + Count(offer.FolderCount, "folder") : "")}, " +
            (offer.TotalBytes is { } bytes ? ByteText.Size(bytes) : "of unknown size,");

    private static string Count(long count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string Status(TransferProgress value) => value.Phase switch
    {
        TransferPhase.Waiting => "Waiting for the other side",
        TransferPhase.Offering => "Exchanging the list of files",
        TransferPhase.Comparing => "Comparing with what is there",
        TransferPhase.Reconnecting => "Connection lost; reconnecting",
        _ => $"{ByteText.Size(value.BytesDone)} of {ByteText.Size(value.BytesTotal ?? -1)}, {ByteText.Size(value.BytesPerSecond)}/s, " +
            $"{value.FilesDone} of {value.FilesTotal} files",
    };

    private void Completed(FileReport file)
    {
        bool isFolder = file.Kind == FileReportKind.Folder;
        bool failed = file.Status is FileStatus.Failed or FileStatus.Unconfirmed;
        if ((isFolder && !failed) || !WritesResults)
            return;

        // One action, so that the error follows its result.
        pump.Post(cmdlet =>
        {
            P2PFileResult result = Result(file);
            if (!isFolder)
                cmdlet.WriteObject(result);
            if (failed)
                cmdlet.WriteError(ErrorMapper.File(file.Name, file.Error, file.Message, result));
        });
    }

    private static P2PFileResult Result(FileReport file)
        => new(file.Name, (P2PFileStatus)file.Status)
        {
            Length = file.Length,
            FullName = file.FullName,
            Hash = file.Hash,
            ErrorId = file.Error?.ToString(),
            Message = ParameterNames.In(file.Message),
        };

    private void Verbose(string text) => pump.Post(cmdlet => cmdlet.WriteVerbose(text));

    private void Warn(string text) => pump.Post(cmdlet => cmdlet.WriteWarning(VisibleText.Of(ParameterNames.In(text))));

    // With the tag of Write-Host the text is shown without -InformationAction, and it can still be redirected or captured.
    private void Tell(string text)
        => pump.Post(cmdlet => cmdlet.WriteInformation(new HostInformationMessage { Message = text }, HostTag));
}
