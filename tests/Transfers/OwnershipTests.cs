using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>Every link that a side has won is disposed, at whatever moment the transfer ends.</summary>
public sealed class OwnershipTests : IDisposable
{
    private readonly TransferPair _pair = new();
    private readonly CountingConnector _senders;
    private readonly CountingConnector _receivers;

    public OwnershipTests()
    {
        _senders = new CountingConnector(_pair.Relay);
        _receivers = new CountingConnector(_pair.Relay);
        _pair.Write("source/a.bin", new byte[300_000]);
    }

    [Fact]
    public async Task A_transfer_that_ends_leaves_no_link_open()
    {
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            _pair.Send with { Connector = _senders, Connections = 3 }, _pair.Receive with { Connector = _receivers });
        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.Equal((0, 0), (_senders.Live, _receivers.Live));
    }

    /// <summary>The connection is cut; then the receiver is cancelled at each message of the reconnection in turn.</summary>
    [Fact]
    public async Task A_cancellation_while_a_side_reconnects_leaves_no_link_open()
    {
        for (int moment = 1; moment <= 8; moment++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            int afterCut = 0;
            bool isCut = false;
            _pair.Relay.OnMessage = message =>
            {
                if (isCut && Interlocked.Increment(ref afterCut) == moment)
                    stop.Cancel();
                if (isCut || message.Bytes.Length < 100_000)
                    return [message.Bytes];
                isCut = true;
                return null;
            };

            Task<Outcome> sending = Outcome.OfAsync(P2PTransfer.SendAsync(
                _pair.Send with { Connector = _senders, Compression = PayloadCompression.Off, RetryTimeout = TimeSpan.FromSeconds(2) }, cancellationToken: stop.Token));
            Outcome receiver = await Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive with { Connector = _receivers }, cancellationToken: stop.Token));
            Outcome sender = await sending;

            Assert.True(isCut);
            Assert.Equal((0, 0), (_senders.Live, _receivers.Live));
            if (sender.Succeeded && receiver.Succeeded)
                break;
            if (Directory.Exists(_pair.Destination))
                Directory.Delete(_pair.Destination, recursive: true);
        }
    }

    /// <summary>Both programs of a transfer are restarted in turn, so that a new pairing replaces a session.</summary>
    [Fact]
    public async Task A_session_that_a_new_pairing_replaces_leaves_no_link_open()
    {
        bool isCut = false;
        using var kill = new CancellationTokenSource();
        var victim = new KillableConnector(_pair.Relay);
        _pair.Relay.OnMessage = message =>
        {
            if (!isCut && message.Bytes.Length > 100_000)
            {
                isCut = true;
                victim.Kill();
                return null;
            }

            return [message.Bytes];
        };
        SendOptions send = _pair.Send with { Compression = PayloadCompression.Off };
        Task<Outcome> receiving = Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive with { Connector = _receivers }, cancellationToken: TestContext.Current.CancellationToken));
        _ = Outcome.OfAsync(P2PTransfer.SendAsync(send with { Connector = victim, RetryTimeout = TimeSpan.FromSeconds(1) }, cancellationToken: kill.Token));
        while (!isCut)
            await Task.Delay(5, TestContext.Current.CancellationToken);

        Outcome again = await Outcome.OfAsync(P2PTransfer.SendAsync(send with { Connector = _senders }, cancellationToken: TestContext.Current.CancellationToken));

        Assert.True(again.Succeeded, again.Exception?.ToString() ?? again.Report?.Error?.ToString());
        Assert.True((await receiving).Succeeded);
        Assert.Equal((0, 0), (_senders.Live, _receivers.Live));
        await kill.CancelAsync();
    }

    public void Dispose() => _pair.Dispose();
}
