using P2PCopy.Tool.Prompts;

namespace P2PCopy.Tool.Display;

/// <summary>Shows a transfer. Events and progress come from threads of the engine, the rest from the command.</summary>
internal interface ITransferDisplay : IProgress<TransferProgress>
{
    void OnEvent(TransferEvent transferEvent);

    /// <summary>Whether a transfer has begun, so that there may be partial files.</summary>
    bool HasBegun { get; }

    /// <summary>Asks whether to accept an offer; only called if the user can be asked.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="mayKeep">Whether files that would be replaced may be kept.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<OfferAnswer> ConfirmAsync(TransferOffer offer, bool mayKeep, CancellationToken cancellationToken);

    /// <summary>Asks whether to replace a file; only called if the user can be asked.</summary>
    ValueTask<ConflictAnswer> ResolveAsync(FileConflict conflict, CancellationToken cancellationToken);

    /// <summary>Shows the verification words and asks whether the other side shows the same; only called if the user can be asked.</summary>
    ValueTask<bool> VerifyAsync(string words, CancellationToken cancellationToken);

    /// <summary>Shows the files that would be transferred.</summary>
    void WhatIf(TransferOffer offer);

    void Summary(TransferReport report);

    /// <summary>Shows that a standing receiver was stopped.</summary>
    void Stopped();

    /// <summary>Shows the error that ended the command, and its hint.</summary>
    void Error(P2PException error);
}
