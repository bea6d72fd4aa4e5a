using System.Management.Automation;
using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Module;

/// <summary>
/// Writes the events of the engine to the streams of a cmdlet: results to output, failed files to error, the course of the transfer
/// to verbose, problems to warning, and the code and the command for the other side to information.
/// </summary>
internal sealed class TransferEvents(CommandPump pump, ProgressReporter progress, TransferCommand command, string? senderName) : IProgress<TransferProgress>
{
    private static readonly string[] HostTag = ["PSHOST"];

    private readonly bool _isSending = command is SendP2PFileCommand;
    private Uri? _relay = command.Relay?.FirstOrDefault();
    private IReadOnlyList<Uri> _listening = [];
    private bool _hasInvited;
    private bool _answersDiscovery;
    private P2PTransferResult? _transfer;

    /// <summary>False if the content is the output, or the offer was declined.</summary>
    public bool WritesResults { get; set; } = true;

    private P2PTransferResult Transfer => _transfer ??= new P2PTransferResult(DateTime.Now, _relay, senderName);

    public void OnEvent(TransferEvent transferEvent)
    {
        switch (transferEvent)
        {
            case TransferEvent.Listening e:
                _relay = e.Addresses[0];
                _listening = Invitation.ForOther(e.Addresses);
                _answersDiscovery = e.AnswersDiscovery;
                break;
            case TransferEvent.NothingFound e:
                Warn(e.Message, e.Hint);
                break;
            case TransferEvent.CodeGenerated e:
                Invite(e.Relays, e.Code.Reveal());
                break;
            case TransferEvent.Waiting:
                if (!_hasInvited && _listening.Count > 0)
                    Invite([], code: null);
                Verbose("Joined the relay; waiting for the other side.");
                break;
            case TransferEvent.Paired:
                _ = Transfer;
                Verbose("Both sides know the code.");
                break;
            case TransferEvent.WrongCode e:
                Warn($"The other side used a different code ({e.Attempts} so far); new attempts are blocked for {Math.Ceiling(e.BackOff.TotalSeconds):0} s.");
                break;
            case TransferEvent.Offered e:
                Verbose($"The offer: {Count(e.Offer.FileCount, "file")}, {Count(e.Offer.FolderCount, "folder")}, {ByteText.Size(e.Offer.TotalBytes ?? -1)}.");
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
                Warn(e.Message, e.Hint);
                break;
            case TransferEvent.FileCompleted e:
                Completed(e.File);
                break;
            case TransferEvent.Cancelled e:
                TransferSums.Complete(Transfer, e.Report);
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
            throw new P2PException(failed.Error!.Value, failed.Message ?? $"{VisibleText.Name(failed.Name)} did not arrive completely.");
    }

    /// <summary>Writes a summary of one transfer of a standing receiver. Its error does not end the command.</summary>
    public void FinishOne(TransferReport report, object? target)
    {
        Sum(report);
        if (report.Error is { } error)
            pump.Post(cmdlet => cmdlet.WriteError(ErrorMapper.Session(error, target)));
    }

    private void Sum(TransferReport report)
    {
        P2PTransferResult transfer = Transfer;
        _transfer = null;
        TransferSums.Complete(transfer, report);
        Verbose(TransferSums.Sentence(report, _isSending));
        if (command.Summary)
            pump.Post(cmdlet => cmdlet.WriteObject(transfer));
    }

    private static string Count(long count, string what) => TransferSums.Count(count, what);

    private static string Status(TransferProgress value) => value.Phase switch
    {
        TransferPhase.Waiting => "Waiting for the other side",
        TransferPhase.Offering => "Exchanging the list of files",
        TransferPhase.Comparing => "Comparing with what is there",
        TransferPhase.Reconnecting => "Connection lost; reconnecting",
        _ => $"{ByteText.Size(value.BytesDone)} of {ByteText.Size(value.BytesTotal ?? -1)}, {ByteText.Size(value.BytesPerSecond)}/s, " +
            $"{value.FilesDone} of {Count(value.FilesTotal, "file")}",
    };

    private void Completed(FileReport file)
    {
        bool isFolder = file.Kind == FileReportKind.Folder;
        bool failed = file.Status is FileStatus.Failed or FileStatus.Unconfirmed;
        if ((isFolder && !failed) || !WritesResults)
            return;

        P2PFileResult result = Result(file);

        // One action, so that the error follows its result.
        pump.Post(cmdlet =>
        {
            if (!isFolder)
                cmdlet.WriteObject(result);
            if (failed)
                cmdlet.WriteError(ErrorMapper.File(file, result));
        });
    }

    private P2PFileResult Result(FileReport file)
        => new(file.Name, file.Status.ToString(), Transfer)
        {
            Length = file.Length,
            FullName = file.FullName,
            Hash = file.Hash,
            ErrorId = file.Error?.ToString(),
            Message = ParameterNames.In(file.Message),
            Hint = ParameterNames.In(file.Hint),
        };

    private void Verbose(string text) => pump.Post(cmdlet => cmdlet.WriteVerbose(text));

    private void Warn(string text, string? hint = null)
        => pump.Post(cmdlet => cmdlet.WriteWarning(VisibleText.Of(ParameterNames.In(hint is null ? text : $"{text} {hint}"))));

    // With the tag of Write-Host the text is shown without -InformationAction, and it can still be redirected or captured.
    private void Invite(IReadOnlyList<Uri> relays, string? code)
    {
        _hasInvited = true;
        string command = _isSending ? "Receive-P2PFile" : "Send-P2PFile PATH";
        string typed = code is null ? string.Empty : " -Code " + code;
        string[] byAddress = _listening.Count == 0
            ? [$"{command} -Relay {string.Join(", ", relays.Select(Quoted))}{typed}"]
            : [.. _listening.Select(address => $"{command} -Relay {Quoted(address)}{typed}")];
        foreach ((string text, _) in Invitation.Lines(_answersDiscovery ? command + typed : null, byAddress, code))
        {
            foreach (string line in text.Split('\n'))
                pump.Post(cmdlet => cmdlet.WriteInformation(new HostInformationMessage { Message = line }, HostTag));
        }
    }

    // In quotes where PowerShell would read a character as its own, as the brackets of an IPv6 address.
    private static string Quoted(Uri address)
    {
        string text = address.AbsoluteUri.TrimEnd('/');
        return text.All(c => char.IsAsciiLetterOrDigit(c) || ":/.-_".Contains(c)) ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
