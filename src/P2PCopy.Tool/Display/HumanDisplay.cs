using P2PCopy.Tool.Options;

namespace P2PCopy.Tool.Display;

/// <summary>
/// Shows a transfer as text: events as lines, and progress as one live line on a terminal or as a line every ten seconds elsewhere.
/// Lines go to <see cref="ToolHost.Out"/> (or to the error stream, when standard output carries data), progress, questions
/// and errors to <see cref="ToolHost.Error"/>. A lock keeps the lines of several threads apart.
/// </summary>
internal sealed class HumanDisplay(ToolHost host, PeerRole role, HumanDisplay.Manner manner) : ITransferDisplay
{
    private const int MostFailuresShown = 10;
    private const int MostWarningsShown = 10;
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly TextWriter _lines = manner.LinesToError ? host.Error : host.Out;
    private IReadOnlyList<Uri> _listening = [];
    private bool _hasInvited;
    private bool _lineIsLive;
    private bool _asking;
    private long _lastPlain = host.Clock.GetTimestamp();
    private readonly HashSet<P2PErrorCode> _explained = [];
    private int _failuresShown;
    private int _warningsShown;

    /// <summary>The form of the output.</summary>
    /// <param name="Quiet">Only errors and a generated code.</param>
    /// <param name="LinesToError">Lines go to standard error, because standard output carries content.</param>
    public sealed record Manner(bool Quiet, bool LinesToError);

    public void OnEvent(TransferEvent transferEvent)
    {
        switch (transferEvent)
        {
            case TransferEvent.Listening e:
                _listening = e.Addresses;
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
                Trouble($"The other side used a different code ({e.Attempts} so far); new attempts are blocked for {HumanText.Seconds(e.BackOff)}");
                break;
            case TransferEvent.Offered e when role == PeerRole.Send:
                Line("Offering " + Describe(e.Offer));
                break;
            case TransferEvent.Reconnecting e:
                Trouble($"Connection lost ({HumanText.Safe(ToolOptionNames.In(e.Reason)).TrimEnd('.')}); reconnecting");
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
                Summary(e.Report);
                break;
            case TransferEvent.Warning e:
                if (Interlocked.Increment(ref _warningsShown) <= MostWarningsShown)
                    Trouble("Warning: " + HumanText.Safe(ToolOptionNames.In(e.Message)), indent: 9);
                break;
        }
    }

    public void Report(TransferProgress value)
    {
        if (manner.Quiet)
            return;

        lock (_gate)
        {
            if (_asking)
                return;

            if (host.ErrorIsTerminal)
            {
                if (value.Phase is TransferPhase.Completed or TransferPhase.Waiting)
                {
                    EraseLive();
                    return;
                }

                host.Error.Write("\r" + ProgressLine.Format(value, Columns()) + "\u001b[K");
                _lineIsLive = true;
            }
            else if (value.Phase is TransferPhase.Comparing or TransferPhase.Transferring && host.Clock.GetElapsedTime(_lastPlain) >= PlainInterval)
            {
                _lastPlain = host.Clock.GetTimestamp();
                host.Error.WriteLine(ProgressLine.Format(value, 79));
            }
        }
    }

    public ValueTask<bool> VerifyAsync(string words, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            EraseLive();
            _asking = true;
            host.Error.WriteLine($"Verification words: {words}");
        }

        return AskAsync("Does the other side show the same words? [y/N] ", cancellationToken);
    }

    public ValueTask<bool> ConfirmAsync(TransferOffer offer, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            EraseLive();
            _asking = true;
            if (offer.IsRepeat)
                host.Error.WriteLine("Changed while it was sent, and larger now:");
            WriteOffer(offer, host.Error, most: 10);
        }

        return AskAsync("Receive? [y/N] ", cancellationToken);
    }

    private async ValueTask<bool> AskAsync(string question, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                host.Error.Write(question);
                string? answer = await ToolHost.ReadAsync(() => host.In.Value.ReadLine(), cancellationToken);
                switch (answer?.Trim().ToLowerInvariant())
                {
                    case "y" or "yes":
                        return true;
                    case null or "" or "n" or "no":
                        return false;
                }
            }
        }
        catch (IOException)
        {
            // The terminal is gone, so no one can confirm.
            return false;
        }
        finally
        {
            lock (_gate)
                _asking = false;
        }
    }

    public void WhatIf(TransferOffer offer)
    {
        lock (_gate)
        {
            EraseLive();
            _lines.WriteLine(role == PeerRole.Send ? "Would send:" : "Would receive:");
            WriteOffer(offer, _lines, most: offer.Names.Count);
        }
    }

    public void Summary(TransferReport report)
    {
        // A transfer that ended before it did anything has only its error: the offer was declined, or it was cancelled.
        if (report.Error is not null && report.Files.All(f => f.Status is FileStatus.Unconfirmed))
            return;
        List<FileReport> files = report.Files.Where(f => f.Kind != FileReportKind.Folder).ToList();
        int copied = files.Count(f => f.Status == FileStatus.Copied);
        string verb = role == PeerRole.Send ? "Sent" : "Received";
        double seconds = Math.Max(report.Duration.TotalSeconds, 0.001);
        string head = $"{verb} {HumanText.Count(copied, "file")}, {HumanText.Size(report.BytesCopied)} in {HumanText.Seconds(report.Duration)}"
            + (report.SenderName is { } sender ? $" from {HumanText.Safe(sender)}" : string.Empty);
        Line(report.BytesCopied > 0 ? $"{head} ({HumanText.Rate(report.BytesCopied / seconds)})" : head);

        List<string> rest = [];
        Add(FileStatus.Unchanged, report.BytesUnchanged > 0 ? $"unchanged ({HumanText.Size(report.BytesUnchanged)} {(role == PeerRole.Send ? "there" : "here")} already)" : "unchanged");
        Add(FileStatus.Skipped, "skipped");
        Add(FileStatus.Failed, "failed");
        Add(FileStatus.Unconfirmed, "unconfirmed");
        if (rest.Count > 0)
            Line(string.Join(", ", rest));
        if (report.BytesDirect > 0)
            Line($"{HumanText.Size(report.BytesDirect)} direct, {HumanText.Size(report.BytesRelayed)} through the relay");
        if (files is [{ Hash: { } hash, Status: FileStatus.Copied or FileStatus.Unchanged }])
            Line("SHA-256 " + hash);
        if (_failuresShown > MostFailuresShown)
            Trouble($"… and {_failuresShown - MostFailuresShown:N0} more; --json names every file");
        if (_warningsShown > MostWarningsShown)
            Trouble($"… and {HumanText.Count(_warningsShown - MostWarningsShown, "more warning")}; --json shows every one");

        // The next transfer of a standing receiver counts from zero.
        (_failuresShown, _warningsShown) = (0, 0);
        lock (_gate)
            _explained.Clear();

        void Add(FileStatus status, string word)
        {
            // Folders are counted only if they failed.
            int count = (status == FileStatus.Failed ? report.Files : files).Count(f => f.Status == status);
            if (count > 0)
                rest.Add($"{count:N0} {word}");
        }
    }

    public void Stopped() => Line("Stopped");

    public void Error(P2PException error)
    {
        foreach (string line in ErrorText.Lines(error))
            Trouble(line, ErrorText.Indent);
    }

    /// <summary>Shows what the other side needs: a command to paste, and a generated code on a line of its own to say aloud.</summary>
    private void Invite(IReadOnlyList<Uri> relays, string? code)
    {
        _hasInvited = true;
        Line(relays.Count > 1 && _listening.Count > 1 ? "On the other machine, run one of these commands (the first is the most likely to work):" : "On the other machine, run:", always: true);
        Line(string.Empty, always: true);
        if (_listening.Count == 0)
            Line($"    p2pcopy receive{string.Concat(relays.Select(r => " --relay " + RelayText(r)))}{Typed(code)}", always: true);
        foreach (Uri address in _listening)
            Line($"    p2pcopy receive --relay {RelayText(address)}{Typed(code)}", always: true);
        Line(string.Empty, always: true);
        if (code is null)
            return;
        Line("The code is:", always: true);
        Line(string.Empty, always: true);
        Line(code, always: true);
        Line(string.Empty, always: true);
    }

    private static string Typed(string? code) => code is null ? string.Empty : " " + code;

    /// <summary>One line per file. The reason is shown once for each kind of failure, because many files often share one.</summary>
    private void Failure(FileReport file)
    {
        if (Interlocked.Increment(ref _failuresShown) > MostFailuresShown)
            return;

        P2PErrorCode code = file.Error ?? P2PErrorCode.Unconfirmed;
        string ending = $" [{code}]";
        string name = HumanText.Safe(file.Name);
        Trouble("Failed: " + (host.ErrorIsTerminal ? HumanText.Fit(name, Columns() - 8 - ending.Length) : name) + ending);
        bool isFirst;
        lock (_gate)
            isFirst = _explained.Add(code);
        if (isFirst || !host.ErrorIsTerminal)
            Trouble("        " + HumanText.Safe(ToolOptionNames.In(file.Message ?? "The transfer ended before the other side confirmed it.")), indent: 8);
    }

    private void Line(string text, bool always = false)
    {
        if (manner.Quiet && !always)
            return;

        lock (_gate)
        {
            EraseLive();
            _lines.WriteLine(text);
        }
    }

    private void Trouble(string text, int indent = 0)
    {
        lock (_gate)
        {
            EraseLive();
            host.Error.WriteLine(host.ErrorIsTerminal ? HumanText.Wrap(text, Columns(), indent) : text);
        }
    }

    // The last column stays free: some terminals wrap as soon as it is written.
    private int Columns() => Math.Clamp(host.Width(), 20, 80) - 1;

    private void EraseLive()
    {
        if (!_lineIsLive)
            return;

        host.Error.Write("\r\u001b[K");
        _lineIsLive = false;
    }

    /// <summary>Names, size and, on a receiver, what would happen to the files that are here.</summary>
    private static void WriteOffer(TransferOffer offer, TextWriter writer, int most)
    {
        foreach (string name in offer.Names.Take(most))
            writer.WriteLine("  " + HumanText.Fit(name, 77));
        long more = offer.FileCount + offer.FolderCount - Math.Min(offer.Names.Count, most);
        if (more > 0)
            writer.WriteLine($"  … and {more:N0} more");
        if (offer.Plan is { } plan)
            PlanText.Write(plan, writer);
        writer.WriteLine(Describe(offer) + (offer.FreeBytes is { } free ? $"; {HumanText.Size(free)} free here" : string.Empty));
    }

    private static string Describe(TransferOffer offer)
    {
        string folders = offer.FolderCount > 0 ? $" in {HumanText.Count(offer.FolderCount, "folder")}" : string.Empty;
        return HumanText.Count(offer.FileCount, "file") + folders + ", " + (offer.TotalBytes is { } bytes ? HumanText.Size(bytes) : "size unknown");
    }

    private static string RelayText(Uri address) => address.AbsoluteUri.TrimEnd('/');
}
