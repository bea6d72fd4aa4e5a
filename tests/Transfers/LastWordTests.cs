using P2PCopy.Tests.Testing;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Transfers;

/// <summary>Who ends says why and closes: the other side hears it, although it can send no more before it has read that.</summary>
public sealed class LastWordTests : IDisposable
{
    private readonly TransferPair _pair = new();

    [Fact]
    public async Task A_busy_sender_hears_why_the_receiver_ended()
    {
        _pair.Write("source/big.bin", new byte[16 << 20]);
        string file = Path.Combine(_pair.Source, "big.bin");
        var slow = new LateReader(_pair.Relay);
        using var stop = new CancellationTokenSource();
        var output = new WatchedOutput(() =>
        {
            slow.BeLate();
            stop.Cancel();
        });

        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(
            _pair.Send with { Paths = [file], Connector = slow, Connections = 1, Compression = PayloadCompression.Off, RetryTimeout = TimeSpan.FromSeconds(2) }));
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive with { OutputStream = output }, cancellationToken: stop.Token));

        Assert.IsAssignableFrom<OperationCanceledException>((await receiver).Exception);
        Outcome told = await sender;
        Assert.True(told.Error == P2PErrorCode.PeerAborted, told.Exception?.ToString() ?? told.Report?.Error?.ToString());
    }

    public void Dispose() => _pair.Dispose();

    /// <summary>Its connections read late from a moment on, as those of a busy machine do.</summary>
    private sealed class LateReader(IRoomConnector inner) : IRoomConnector
    {
        private volatile bool _isLate;

        public void BeLate() => _isLate = true;

        public async Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
            => new Channel(this, await inner.JoinAsync(join, cancellationToken));

        private sealed class Channel(LateReader owner, IMessageChannel inner) : IMessageChannel
        {
            public long BytesReceived => inner.BytesReceived;

            public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => inner.SendAsync(message, cancellationToken);

            public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
            {
                int length = await inner.ReceiveAsync(buffer, cancellationToken);
                if (owner._isLate)
                    await Task.Delay(100, cancellationToken);
                return length;
            }

            public void Abort() => inner.Abort();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }

    private sealed class WatchedOutput(Action written) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => written();
    }
}
