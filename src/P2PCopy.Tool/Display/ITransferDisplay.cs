namespace P2PCopy.Tool.Display;

/// <summary>Shows a transfer. Events and progress come from threads of the engine, the rest from the command.</summary>
internal interface ITransferDisplay : IProgress<TransferProgress>
{
    void OnEvent(TransferEvent transferEvent);

    /// <summary>Asks whether to take an offer; only called if the user can be asked.</summary>
    ValueTask<bool> ConfirmAsync(TransferOffer offer, CancellationToken cancellationToken);

    /// <summary>Shows the verification words and asks whether the other side shows the same; only called if the user can be asked.</summary>
    ValueTask<bool> VerifyAsync(string words, CancellationToken cancellationToken);

    /// <summary>What would be transferred.</summary>
    void WhatIf(TransferOffer offer);

    void Summary(TransferReport report);

    /// <summary>A standing receiver was told to end and did.</summary>
    void Stopped();

    /// <summary>What ended the command, and what to do about it.</summary>
    void Error(P2PException error);
}
