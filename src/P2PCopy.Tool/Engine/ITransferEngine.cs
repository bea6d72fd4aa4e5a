namespace P2PCopy.Tool.Engine;

/// <summary>The engine as the tool uses it. Tests replace it.</summary>
internal interface ITransferEngine
{
    Task<TransferReport> SendAsync(SendOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken);

    Task<TransferReport> ReceiveAsync(ReceiveOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken);

    /// <summary>One transfer after the other, until cancelled.</summary>
    IAsyncEnumerable<TransferReport> ReceiveContinuouslyAsync(ReceiveOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken);

    /// <summary>The offer of a send, without connecting.</summary>
    Task<TransferOffer> PreviewAsync(SendOptions options, CancellationToken cancellationToken);

    /// <summary>Tests one relay.</summary>
    Task<RelayTestReport> TestRelayAsync(RelayTestOptions options, CancellationToken cancellationToken);

    /// <summary>A relay for a sender without one.</summary>
    /// <param name="listen"><c>ADDRESS:PORT</c>; empty takes every address of this machine.</param>
    IRelayHost EmbeddedRelay(IReadOnlyList<string> listen);

    /// <summary>A new code.</summary>
    PairingCode NewCode();

    /// <summary>The codes that a partly typed one may become with its next word.</summary>
    IReadOnlyList<string> CompleteCode(string typed);
}
