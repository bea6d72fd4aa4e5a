using P2PCopy.Tool.Output;
using P2PCopy.Tool.Prompts;

namespace P2PCopy.Tool.Display;

/// <summary>Adds each transfer to the history when its summary is shown.</summary>
internal sealed class RecordedDisplay(ITransferDisplay inner, PeerRole role, HistoryFile history) : ITransferDisplay
{
    public bool HasBegun => inner.HasBegun;

    public void OnEvent(TransferEvent transferEvent)
    {
        inner.OnEvent(transferEvent);
        if (transferEvent is TransferEvent.Cancelled cancelled)
            history.Add(role, cancelled.Report);
    }

    public void Report(TransferProgress value) => inner.Report(value);

    public ValueTask<OfferAnswer> ConfirmAsync(TransferOffer offer, bool mayKeep, CancellationToken cancellationToken) => inner.ConfirmAsync(offer, mayKeep, cancellationToken);

    public ValueTask<ConflictAnswer> ResolveAsync(FileConflict conflict, CancellationToken cancellationToken) => inner.ResolveAsync(conflict, cancellationToken);

    public ValueTask<bool> VerifyAsync(string words, CancellationToken cancellationToken) => inner.VerifyAsync(words, cancellationToken);

    public void WhatIf(TransferOffer offer) => inner.WhatIf(offer);

    public void Summary(TransferReport report)
    {
        inner.Summary(report);
        history.Add(role, report);
    }

    public void Stopped() => inner.Stopped();

    public void Error(P2PException error) => inner.Error(error);
}
