using P2PCopy.Tool.Prompts;

namespace P2PCopy.Tool.Display;

/// <summary>Adds to the error of a transfer that a user ended, on either side, how to resume it.</summary>
/// <param name="inner">Shows it.</param>
/// <param name="role">The role of this side.</param>
/// <param name="repeat">The command line that resumes the transfer, without the code.</param>
internal sealed class ResumableDisplay(ITransferDisplay inner, PeerRole role, string repeat) : ITransferDisplay
{
    private bool _hasMoved;

    public bool HasBegun => inner.HasBegun || _hasMoved;

    public void OnEvent(TransferEvent transferEvent) => inner.OnEvent(transferEvent);

    public void Report(TransferProgress value) => inner.Report(value);

    public ValueTask<OfferAnswer> ConfirmAsync(TransferOffer offer, bool mayKeep, CancellationToken cancellationToken) => inner.ConfirmAsync(offer, mayKeep, cancellationToken);

    public ValueTask<ConflictAnswer> ResolveAsync(FileConflict conflict, CancellationToken cancellationToken) => inner.ResolveAsync(conflict, cancellationToken);

    public ValueTask<bool> VerifyAsync(string words, CancellationToken cancellationToken) => inner.VerifyAsync(words, cancellationToken);

    public void WhatIf(TransferOffer offer) => inner.WhatIf(offer);

    public void Summary(TransferReport report)
    {
        _hasMoved |= report.ChunksTransferred > 0;
        inner.Summary(report);
    }

    public void Stopped() => inner.Stopped();

    public void Error(P2PException error)
        => inner.Error(error is { Hint: null, Code: P2PErrorCode.Cancelled or P2PErrorCode.PeerAborted } && HasBegun
            ? new P2PException(error.Code, error.Message, error) { Hint = Hint }
            : error);

    // A generated code is used up, and the relay of a sender has a new port.
    private string Hint => role == PeerRole.Send
        ? $"To resume, run: {repeat}; then receive into the same folder again, with the code that it shows."
        : $"To resume, send again from the other machine; then run, with the code and the relay that it shows: {repeat}";
}
