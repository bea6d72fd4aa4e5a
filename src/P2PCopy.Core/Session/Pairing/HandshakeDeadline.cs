using P2PCopy.Transport;

namespace P2PCopy.Session.Pairing;

/// <summary>
/// Sends and receives the messages of a handshake within its time limits: 10 s for the hello and 10 s for the rest. A
/// time-out or a lost connection becomes a <see cref="HandshakeException"/>; a cancellation by the caller is passed on.
/// </summary>
internal sealed class HandshakeDeadline : IDisposable
{
    /// <summary>Time limit for the other side's hello.</summary>
    public static readonly TimeSpan HelloTime = TimeSpan.FromSeconds(10);

    /// <summary>Time limit for everything after the hello.</summary>
    public static readonly TimeSpan RestTime = TimeSpan.FromSeconds(10);

    private readonly IMessageChannel _channel;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;
    private readonly byte[] _buffer = new byte[Hello.MaximumLength];
    private bool _hasHello;
    private bool _isGuessCharged;

    public HandshakeDeadline(IMessageChannel channel, TimeProvider timeProvider, CancellationToken caller)
    {
        _channel = channel;
        _caller = caller;
        _timer = new CancellationTokenSource(HelloTime, timeProvider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(caller, _timer.Token);
    }

    /// <summary>The hello has arrived: starts the time limit for the rest.</summary>
    public void HelloReceived()
    {
        _hasHello = true;
        _timer.CancelAfter(RestTime);
    }

    /// <summary>A guess is charged; exceptions from now on say so.</summary>
    public void GuessCharged() => _isGuessCharged = true;

    public Task SendAsync(ReadOnlyMemory<byte> message) => RunAsync(async () =>
    {
        await _channel.SendAsync(message, _either.Token).ConfigureAwait(false);
        return 0;
    });

    /// <summary>Receives a message; it is valid until the next call.</summary>
    public async Task<ReadOnlyMemory<byte>> ReceiveAsync()
    {
        int length = await RunAsync(async () => await _channel.ReceiveAsync(_buffer, _either.Token).ConfigureAwait(false)).ConfigureAwait(false);
        return _buffer.AsMemory(0, length);
    }

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }

    private async Task<int> RunAsync(Func<Task<int>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new HandshakeException(HandshakeFault.Closed, _isGuessCharged, "The connection ended during the pairing.", e);
        }
        catch (OperationCanceledException) when (!_caller.IsCancellationRequested)
        {
            throw _hasHello
                ? new HandshakeException(HandshakeFault.Timeout, _isGuessCharged, $"The other side did not finish the pairing within {RestTime.TotalSeconds} s.")
                : new HandshakeException(HandshakeFault.HelloTimeout, false, $"The other side sent no hello within {HelloTime.TotalSeconds} s.");
        }
    }
}
