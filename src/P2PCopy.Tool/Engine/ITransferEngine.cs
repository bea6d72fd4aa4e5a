namespace P2PCopy.Tool.Engine;

/// <summary>The engine for the tool. Tests replace it.</summary>
internal interface ITransferEngine
{
    Task<TransferReport> SendAsync(SendOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken);

    Task<TransferReport> ReceiveAsync(ReceiveOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Receives one transfer after another until it is cancelled.</summary>
    IAsyncEnumerable<TransferReport> ReceiveContinuouslyAsync(ReceiveOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Refuses paths at which there is nothing to send, before a code is shown.</summary>
    /// <exception cref="P2PException">There is one.</exception>
    void CheckPaths(IEnumerable<string> paths);

    /// <summary>The offer of a sender, without connecting.</summary>
    Task<TransferOffer> PreviewAsync(SendOptions options, CancellationToken cancellationToken);

    /// <summary>Tests one relay.</summary>
    Task<RelayTestReport> TestRelayAsync(RelayTestOptions options, CancellationToken cancellationToken);

    /// <summary>A relay in this process, for a sender without a relay.</summary>
    /// <param name="listen"><c>ADDRESS:PORT</c>; empty uses every address of this machine.</param>
    IRelayHost EmbeddedRelay(IReadOnlyList<string> listen);

    /// <summary>A new code.</summary>
    PairingCode NewCode();

    /// <summary>Completes the word at the end of a partly typed code.</summary>
    IReadOnlyList<string> CompleteCode(string typed);
}
