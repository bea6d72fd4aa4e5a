using P2PCopy.Cmdlets;
using P2PCopy.Cmdlets.Running;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Options;

namespace P2PCopy.Module;

/// <summary>The transfers of Receive-P2PFile.</summary>
internal sealed class ReceiveRun
{
    private readonly ReceiveP2PFileCommand _command;
    private readonly CommandPump _pump;
    private readonly TransferEvents _events;
    private readonly ReceiveOptions _options;
    private readonly string _destination;
    private readonly string? _list;
    private readonly Uri? _target;
    private readonly bool _isAsked;

    public ReceiveRun(ReceiveP2PFileCommand command, string destination, string? list)
    {
        var progress = new ProgressReporter("Receiving");
        _command = command;
        _destination = destination;
        _list = list;
        ReceiveOptions given = SharedOptions.Apply(CommandSettings.Of(command).Receive, [.. TransferOptionList.For<ReceiveOptions>(), .. ReceiveOptionList.All], command.Given);
        _options = SharedOptions.Transfer(given, command);
        if (command.Listen is { Length: > 0 } listen)
            _options = _options with { EmbeddedRelay = SharedOptions.Embedded(listen) };
        _pump = command.CreatePump(progress, _options.DrainTimeout);
        _isAsked = command.IsAsked();
        _target = command.Relay?.FirstOrDefault();
        _events = new TransferEvents(_pump, progress, command, senderName: null) { WritesResults = !command.AsByteStream };
    }

    /// <summary>Runs to the end; false if <paramref name="codeMayChange"/> and the other side used a different code.</summary>
    public bool Execute(bool codeMayChange)
    {
        // A stop, also by SIGTERM, is the normal end of a standing receiver, and its script continues.
        _pump.Start(ReceiveAsync, endsProcess: !_command.Continuous || !CommandPump.IsForeground);
        return _command.Finish(_pump, _target, e => codeMayChange && e is P2PException { Code: P2PErrorCode.PairingFailed });
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        bool declined = false;
        ReceiveOptions options = _options with
        {
            Destination = _destination,
            OutputStream = _command.AsByteStream ? new ByteOutputStream(_pump) : null,
            OnEvent = _events.OnEvent,
            Verify = SharedOptions.Verify(_command, _pump),
            // Without a question, the engine need not look at every file here first.
            ConfirmOffer = !_isAsked ? null : async (offer, token) =>
            {
                bool agreed = await _pump.AskAsync(_ => _command.ShouldTransfer("Receive", Describe(offer), TransferSums.Offer(offer)), token).ConfigureAwait(false);
                if (offer.IsRepeat)
                    return agreed;
                declined = !agreed;

                // After a declined offer, results that list every file as skipped are of no use.
                _events.WritesResults = !declined && !_command.AsByteStream;
                return !declined;
            },
            ResolveConflict = _options.OnConflict == ConflictPolicy.Ask ? ResolveAsync : null,
        };

        if (_command.Continuous)
        {
            await StandAsync(options, cancellationToken).ConfigureAwait(false);
            return;
        }

        TransferReport report = await P2PTransfer.ReceiveAsync(options, _events, cancellationToken).ConfigureAwait(false);
        if (declined)
        {
            _pump.Post(cmdlet => cmdlet.WriteVerbose("Declined: nothing was written; the sender was notified."));
            return;
        }

        try
        {
            if (_list is not null)
                await Sha256List.WriteAsync(_list, _destination, report, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (_command.AsByteStream)
                _events.FinishStream(report);
            else
                _events.Finish(report);
        }
    }

    private async ValueTask<ConflictAnswer> ResolveAsync(FileConflict conflict, CancellationToken cancellationToken)
    {
        string newer = conflict.IsNewerHere ? " It was modified after the offered one." : string.Empty;
        (bool replaces, bool isForAll) = await _pump.AskAsync(
            _ => _command.ShouldReplace($"{VisibleText.Name(conflict.FullName)} exists and differs from the offered file.{newer}"), cancellationToken).ConfigureAwait(false);
        return (replaces, isForAll) switch
        {
            (true, true) => ConflictAnswer.ReplaceAll,
            (true, false) => ConflictAnswer.Replace,
            (false, true) => ConflictAnswer.KeepAll,
            _ => ConflictAnswer.Keep,
        };
    }

    private static string Describe(TransferOffer offer)
        => $"{TransferSums.Describe(offer)}{(offer.IsRepeat ? ", changed while sent," : "")} into {offer.Plan?.Destination ?? "the pipeline"}";

    private async Task StandAsync(ReceiveOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (TransferReport one in P2PTransfer.ReceiveContinuouslyAsync(options, _events, cancellationToken).ConfigureAwait(false))
                _events.FinishOne(one, _target);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The receiver was stopped.
        }
    }
}
