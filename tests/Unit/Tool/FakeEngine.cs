using P2PCopy.Tool.Engine;

namespace P2PCopy.Tests.Unit.Tool;

/// <summary>An engine that remembers what it was asked and does what the test says.</summary>
internal sealed class FakeEngine : ITransferEngine
{
    public SendOptions? Sent { get; private set; }

    public ReceiveOptions? Received { get; private set; }

    public IReadOnlyList<string>? Listen { get; private set; }

    public List<RelayTestOptions> Tested { get; } = [];

    public RelayTestReport TestReport { get; set; } = new() { Relay = new Uri("ws://relay.example"), IsReachable = true };

    public Func<TransferOptions, IProgress<TransferProgress>?, CancellationToken, Task<TransferReport>> Run { get; set; }
        = (_, _, _) => Task.FromResult(Report());

    public TransferOffer Preview { get; set; } = new(0, 0, 0, [], null);

    public static TransferReport Report(params FileReport[] files) => new() { Files = files };

    public Task<TransferReport> SendAsync(SendOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        Sent = options;
        return Run(options, progress, cancellationToken);
    }

    public Task<TransferReport> ReceiveAsync(ReceiveOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        Received = options;
        return Run(options, progress, cancellationToken);
    }

    public async IAsyncEnumerable<TransferReport> ReceiveContinuouslyAsync(
        ReceiveOptions options, IProgress<TransferProgress>? progress, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Received = options;
        while (true)
            yield return await Run(options, progress, cancellationToken);
    }

    public void CheckPaths(IEnumerable<string> paths)
    {
        // The paths of these tests do not exist.
    }

    public Task<TransferOffer> PreviewAsync(SendOptions options, CancellationToken cancellationToken)
    {
        Sent = options;
        return Task.FromResult(Preview);
    }

    public Task<RelayTestReport> TestRelayAsync(RelayTestOptions options, CancellationToken cancellationToken)
    {
        Tested.Add(options);
        return Task.FromResult(TestReport with { Relay = options.Relay });
    }

    public IRelayHost EmbeddedRelay(IReadOnlyList<string> listen)
    {
        Listen = listen;
        return new NoRelay();
    }

    public PairingCode NewCode() => PairingCode.Parse("abc123-one-two-three");

    public IReadOnlyList<string> CompleteCode(string typed)
    {
        int dash = typed.LastIndexOf('-');
        return dash < 0 ? [] : [.. ((string[])["otter", "outdoor", "lemon"]).Select(w => typed[..(dash + 1)] + w)
            .Where(c => c.StartsWith(typed, StringComparison.Ordinal))];
    }

    private sealed class NoRelay : IRelayHost
    {
        public ValueTask<IHostedRelay> StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
