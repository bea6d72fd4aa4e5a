using P2PCopy.Transport;

namespace P2PCopy.Tests.Testing;

/// <summary>Counts the channels that were joined and not disposed.</summary>
internal sealed class CountingConnector(IRoomConnector inner) : IRoomConnector
{
    private int _live;

    public int Live => Volatile.Read(ref _live);

    public async Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        IMessageChannel channel = await inner.JoinAsync(join, cancellationToken);
        Interlocked.Increment(ref _live);
        return new Channel(this, channel);
    }

    private sealed class Channel(CountingConnector owner, IMessageChannel inner) : IMessageChannel
    {
        private int _disposed;

        public long BytesReceived => inner.BytesReceived;

        public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => inner.SendAsync(message, cancellationToken);

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) => inner.ReceiveAsync(buffer, cancellationToken);

        public void Abort() => inner.Abort();

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                Interlocked.Decrement(ref owner._live);
            return inner.DisposeAsync();
        }
    }
}
