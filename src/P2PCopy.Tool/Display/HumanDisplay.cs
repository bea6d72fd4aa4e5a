using P2PCopy.Tool.Options;
using P2PCopy.Tool.Prompts;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tool.Display;

/// <summary>Shows a transfer as text: events and results as lines, and progress as a live line on a terminal.</summary>
internal sealed class HumanDisplay(ToolHost host, PeerRole role, HumanDisplay.Manner manner) : ITransferDisplay
{
    private const int MostFailuresShown = 10;
    private const int MostWarningsShown = 10;

    private readonly Lock _gate = new();
    private readonly Screen _screen = new(host, manner.LinesToError);
    private readonly TransferQuestions _questions = new(host);
    private IReadOnlyList<Uri> _listening = [];
    private bool _hasInvited;
    private bool _answersDiscovery;
    private readonly HashSet<P2PErrorCode> _explained = [];
    private int _failuresShown;
    private int _warningsShown;
    private string? _hintShown;

    // What had arrived when a user ended the transfer: a part of its error.
    private string? _arrived;

    /// <summary>The form of the output.</summary>
    /// <param name="Quiet">Only errors and a generated code.</param>
    /// <param name="LinesToError">Lines go to standard error, because standard output carries content.</param>
    public sealed record Manner(bool Quiet, bool LinesToError);

    public void OnEvent(TransferEvent transferEvent)
    {
        switch (transferEvent)
        {
            case TransferEvent.Listening e:
                _listening = Invitation.ForOther(e.Addresses);
                _answersDiscovery = e.AnswersDiscovery;
                break;
            case TransferEvent.NothingFound e:
                _screen.Trouble(Label.None, HumanText.Safe(ToolOptionNames.In(e.Message)));
                _screen.Trouble(Label.Hint, HumanText.Safe(ToolOptionNames.In(e.Hint)));
                break;
            case TransferEvent.CodeGenerated e:
                Invite(e.Relays.Count > 0 ? e.Relays : _listening, e.Code.Reveal());
                break;
            case TransferEvent.Waiting:
                if (!_hasInvited && _listening.Count > 0)
                    Invite(_listening, code: null);
                Line("Waiting for the other side (Ctrl+C ends)");
                break;
            case TransferEvent.Paired:
                Line("Connected: both sides know the code");
                break;
            case TransferEvent.WrongCode e:
                _screen.Trouble(Label.None, $"The other side used a different code ({e.Attempts} so far); new attempts are blocked for {HumanText.Seconds(e.BackOff)}");
                break;
            case TransferEvent.Offered e when role == PeerRole.Send:
                Line("Offering " + OfferText.Describe(e.Offer));
                break;
            case TransferEvent.Reconnecting e:
                _screen.Trouble(Label.None, $"Connection lost ({HumanText.Safe(ToolOptionNames.In(e.Reason)).TrimEnd('.')}); reconnecting");
                break;
            case TransferEvent.Reconnected:
                Line("Reconnected");
                break;
            case TransferEvent.PathChanged e:
                Line("Content takes this path now: " + (e.Direct is { } address ? $"direct, {address}" : "through the relay"));
                break;
            case TransferEvent.FileCompleted { File: { Status: FileStatus.Failed or FileStatus.Unconfirmed } file }:
                Failure(file);
                break;
            case TransferEvent.Cancelled e:
                HasBegun |= e.Report.BytesTransferred > 0;
                _screen.EraseInterrupt();
                Summary(e.Report);
                break;
            case TransferEvent.Warning e:
                if (Interlocked.Increment(ref _warningsShown) <= MostWarningsShown)
                    Warn(e);
                break;
        }
    }

    public bool HasBegun { get; private set; }

    public void Report(TransferProgress value)
    {
        HasBegun |= value.Phase == TransferPhase.Transferring;
        if (!manner.Quiet)
            _screen.Progress(value, role);
    }

    public ValueTask<bool> VerifyAsync(string words, CancellationToken cancellationToken)
        => _screen.AskAsync(w => w.WriteLine($"Verification words: {words}"), () => _questions.Verify(cancellationToken));

    public ValueTask<OfferAnswer> ConfirmAsync(TransferOffer offer, bool mayKeep, CancellationToken cancellationToken)
        => _screen.AskAsync(
            w =>
            {
                if (offer.IsRepeat)
                    w.WriteLine("Changed while it was sent:");
                OfferText.Write(offer, w, mostNames: 10, _screen.Columns);
            },
            () => _questions.Confirm(offer, mayKeep, cancellationToken));

    public ValueTask<ConflictAnswer> ResolveAsync(FileConflict conflict, CancellationToken cancellationToken)
        => _screen.AskAsync(_ => { }, () => _questions.Resolve(conflict, cancellationToken));

    public void WhatIf(TransferOffer offer)
        => _screen.Write(w =>
        {
            w.WriteLine(role == PeerRole.Send ? "Would send:" : "Would receive:");
            OfferText.Write(offer, w, mostNames: offer.Names.Count, _screen.Columns);
        });

    public void Summary(TransferReport report)
    {
        // A transfer that ended before it did anything has only its error: the offer was declined, or it was cancelled.
        if (report.Error is not null && report.Files.All(f => f.Status is FileStatus.Unconfirmed))
            return;
        List<FileReport> files = report.Files.Where(f => f.Kind != FileReportKind.Folder).ToList();
        int copied = files.Count(f => f.Status == FileStatus.Copied);
        string verb = role == PeerRole.Send ? "Sent" : "Received";
        if (report.Error?.Code is P2PErrorCode.Cancelled or P2PErrorCode.PeerAborted)
        {
            _arrived = $" {copied:N0} of {HumanText.Count(files.Count, "file")} ({HumanText.Size(report.BytesCopied)}) had been {verb.ToLowerInvariant()}, {HumanText.Size(report.BytesTransferred)} were transferred.";
            Rest();
            return;
        }

        double seconds = Math.Max(report.Duration.TotalSeconds, 0.001);
        string what = copied == 0 && report.BytesCopied == 0 ? "nothing" : $"{HumanText.Count(copied, "file")}, {HumanText.Size(report.BytesCopied)} in {HumanText.Seconds(report.Duration)}";
        string head = $"{verb} {what}"
            + (report.SenderName is { } sender ? $" from {HumanText.Safe(sender)}" : string.Empty);
        long moved = report.BytesCopied - report.BytesReused;
        string rate = moved > 0 ? $" ({HumanText.Rate(moved / seconds)})" : string.Empty;
        Line(head + rate + (report.IsDurable ? "; all of it is on the receiver's disk" : string.Empty));

        string there = role == PeerRole.Send ? "there" : "here";
        if (report.BytesReused > 0)
            Line($"{HumanText.Size(report.BytesReused)} of it were {there} already");
        List<string> rest = [];
        Add(FileStatus.Unchanged, report.BytesUnchanged > 0 ? $"unchanged ({HumanText.Size(report.BytesUnchanged)} {there} already)" : "unchanged");
        Add(FileStatus.Skipped, "skipped");
        Add(FileStatus.Failed, "failed");
        Add(FileStatus.Unconfirmed, "unconfirmed");
        if (rest.Count > 0)
            Line(string.Join(", ", rest));
        if (report.BytesDirect > 0)
            Line($"{HumanText.Size(report.BytesDirect)} direct, {HumanText.Size(report.BytesRelayed)} through the relay");
        if (files is [{ Hash: { } hash, Status: FileStatus.Copied or FileStatus.Unchanged }])
            Line("SHA-256 " + hash);
        Rest();

        void Add(FileStatus status, string word)
        {
            // Folders are counted only if they failed.
            int count = (status == FileStatus.Failed ? report.Files : files).Count(f => f.Status == status);
            if (count > 0)
                rest.Add($"{count:N0} {word}");
        }
    }

    /// <summary>How much was not shown. The next transfer of a standing receiver counts from zero.</summary>
    private void Rest()
    {
        if (_failuresShown > MostFailuresShown)
            _screen.Trouble(Label.None, $"… and {_failuresShown - MostFailuresShown:N0} more; --json names every file");
        if (_warningsShown > MostWarningsShown)
            _screen.Trouble(Label.None, $"… and {HumanText.Count(_warningsShown - MostWarningsShown, "more warning")}; --json shows every one");

        (_failuresShown, _warningsShown, _hintShown) = (0, 0, null);
        lock (_gate)
            _explained.Clear();
    }

    public void Stopped() => Line("Stopped");

    public void Error(P2PException error)
    {
        if (error.Code == P2PErrorCode.Cancelled)
            _screen.EraseInterrupt();
        _screen.Error(_arrived is null ? error : new P2PException(error.Code, error.Message + _arrived, error) { Hint = error.Hint });
        _arrived = null;
    }

    /// <summary>Shows what the other side needs: a command to paste, and a generated code on a line of its own to say aloud.</summary>
    private void Invite(IReadOnlyList<Uri> relays, string? code)
    {
        _hasInvited = true;
        string command = "p2pcopy " + Counterpart;
        string typed = code is null ? string.Empty : " " + code;
        string[] byAddress = _listening.Count == 0
            ? [command + string.Concat(relays.Select(r => " --relay " + RelayText(r))) + typed]
            : [.. _listening.Select(address => $"{command} --relay {RelayText(address)}{typed}")];
        foreach ((string text, bool isVerbatim) in Invitation.Lines(_answersDiscovery ? command + typed : null, byAddress, code))
        {
            if (isVerbatim)
                _screen.Verbatim(text);
            else
                _screen.Line(text);
        }
    }

    private string Counterpart => role == PeerRole.Send ? "receive" : "send PATH";

    /// <summary>One line per file. The reason is shown once for each kind of failure, because many files often share one.</summary>
    private void Failure(FileReport file)
    {
        if (Interlocked.Increment(ref _failuresShown) > MostFailuresShown)
            return;

        P2PErrorCode code = file.Error ?? P2PErrorCode.Unconfirmed;
        string ending = $" [{code}]";
        string name = HumanText.Safe(file.Name);
        _screen.Trouble(Label.Failed, (host.ErrorIsTerminal ? HumanText.Fit(name, host.TextColumns - Label.Failed.Text.Length - ending.Length) : name) + ending);
        bool isFirst;
        lock (_gate)
            isFirst = _explained.Add(code);
        if (isFirst || !host.ErrorIsTerminal)
        {
            _screen.Trouble(Label.Indent, HumanText.Safe(ToolOptionNames.In(file.Message ?? "The transfer ended before the other side confirmed it.")));
            if (file.Hint is { } hint)
                _screen.Trouble(Label.Indent, "hint: " + HumanText.Safe(ToolOptionNames.In(hint)));
        }
    }

    private void Warn(TransferEvent.Warning warning)
    {
        _screen.Trouble(Label.Warning, HumanText.Safe(ToolOptionNames.In(warning.Message)));

        // Many links that were left out have one hint.
        if (warning.Hint is { } hint && hint != _hintShown)
            _screen.Trouble(Label.Hint, HumanText.Safe(ToolOptionNames.In(hint)));
        _hintShown = warning.Hint;
    }

    private void Line(string text)
    {
        if (!manner.Quiet)
            _screen.Line(text);
    }

    private static string RelayText(Uri address) => address.AbsoluteUri.TrimEnd('/');
}
