using P2PCopy.Tool.Commands;

namespace P2PCopy.Tool.Engine;

/// <summary>The real engine.</summary>
internal sealed class TransferEngine : ITransferEngine
{
    public Task<TransferReport> SendAsync(SendOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
        => P2PTransfer.SendAsync(options, progress, cancellationToken);

    public Task<TransferReport> ReceiveAsync(ReceiveOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
        => P2PTransfer.ReceiveAsync(options, progress, cancellationToken);

    public IAsyncEnumerable<TransferReport> ReceiveContinuouslyAsync(ReceiveOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
        => P2PTransfer.ReceiveContinuouslyAsync(options, progress, cancellationToken);

    public void CheckPaths(IEnumerable<string> paths)
    {
        foreach (string path in paths)
            PathList.RefuseMissing(path);
    }

    public Task<TransferOffer> PreviewAsync(SendOptions options, CancellationToken cancellationToken)
        => Task.Run(() => SendPreview.Create(options, cancellationToken), cancellationToken);

    public Task<RelayTestReport> TestRelayAsync(RelayTestOptions options, CancellationToken cancellationToken)
        => RelayTest.RunAsync(options, cancellationToken);

    public IRelayHost EmbeddedRelay(IReadOnlyList<string> listen)
        => listen.Count > 0 ? new EmbeddedRelay(new RelayOptions { Listen = listen }) : new EmbeddedRelay();

    public PairingCode NewCode() => PairingCode.Generate();

    public IReadOnlyList<string> CompleteCode(string typed) => PairingCode.Complete(typed);
}
