using P2PCopy.Tool.Prompts;

namespace P2PCopy.Tool.Display;

/// <summary>Passes everything on to another display; what derives from it adds something.</summary>
internal abstract class DisplayDecorator(ITransferDisplay inner) : ITransferDisplay
{
    public virtual bool HasBegun => inner.HasBegun;

    public virtual void OnEvent(TransferEvent transferEvent) => inner.OnEvent(transferEvent);

    public void Report(TransferProgress value) => inner.Report(value);

    public ValueTask<OfferAnswer> ConfirmAsync(TransferOffer offer, bool mayKeep, CancellationToken cancellationToken) => inner.ConfirmAsync(offer, mayKeep, cancellationToken);

    public ValueTask<ConflictAnswer> ResolveAsync(FileConflict conflict, CancellationToken cancellationToken) => inner.ResolveAsync(conflict, cancellationToken);

    public ValueTask<bool> VerifyAsync(string words, CancellationToken cancellationToken) => inner.VerifyAsync(words, cancellationToken);

    public void WhatIf(TransferOffer offer) => inner.WhatIf(offer);

    public virtual void Summary(TransferReport report) => inner.Summary(report);

    public void Stopped() => inner.Stopped();

    public virtual void Error(P2PException error) => inner.Error(error);
}
