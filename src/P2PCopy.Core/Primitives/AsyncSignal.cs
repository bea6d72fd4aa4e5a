using System.Threading.Channels;

namespace P2PCopy.Primitives;

/// <summary>Wakes one waiter; a signal without a waiter is kept, and several count as one.</summary>
internal sealed class AsyncSignal
{
    // A channel of objects, because the code of the framework is compiled ahead of time for references but not for bool.
    private readonly Channel<AsyncSignal> _channel = Channel.CreateBounded<AsyncSignal>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => _channel.Writer.TryWrite(this);

    /// <returns>This signal, when it is set.</returns>
    public ValueTask<AsyncSignal> WaitAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAsync(cancellationToken);
}
