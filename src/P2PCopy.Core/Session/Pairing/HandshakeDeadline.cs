using P2PCopy.Transport;

namespace P2PCopy.Session.Pairing;

/// <summary>
/// The time-outs of a handshake, and its receiving: a hello has 10 s, the rest another 10 s. Tells the caller's
/// cancellation from a time-out and from the end of the connection.
/// </summary>
internal sealed class HandshakeDeadline : IDisposable
{
    /// <summary>Time for the other side's hello.</summary>
    public static readonly TimeSpan HelloTime = TimeSpan.FromSeconds(10);

    /// <summary>Time for everything after it.</summary>
    public static readonly TimeSpan RestTime = TimeSpan.FromSeconds(10);

    private readonly IMessageChannel _channel;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;
    private readonly byte[] _buffer = new byte[Hello.MaximumLength];
    private bool _helloCame;
    private bool _guessSpent;

    public HandshakeDeadline(IMessageChannel channel, TimeProvider timeProvider, CancellationToken caller)
    {
        _channel = channel;
        _caller = caller;
        _timer = new CancellationTokenSource(HelloTime, timeProvider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(caller, _timer.Token);
    }

    /// <summary>The hello is here: the rest has its own time.</summary>
    public void HelloCame()
    {
        _helloCame = true;
        _timer.CancelAfter(RestTime);
    }

    /// <summary>This side shows now whether the other side's guess is right.</summary>
    public void GuessSpent() => _guessSpent = true;

    public Task SendAsync(ReadOnlyMemory<byte> message) => RunAsync(async () =>
    {
        await _channel.SendAsync(message, _either.Token).ConfigureAwait(false);
        return 0;
    });

    /// <summary>Receives a message; it is valid until the next one.</summary>
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
            throw new HandshakeException(HandshakeFault.Closed, _guessSpent, "The connection ended while the two sides were being paired.", e);
        }
        catch (OperationCanceledException) when (!_caller.IsCancellationRequested)
        {
            throw _helloCame
                ? new HandshakeException(HandshakeFault.Timeout, _guessSpent, "The other side began and then fell silent.")
                : new HandshakeException(HandshakeFault.HelloTimeout, false, $"The other side did not say hello within {HelloTime.TotalSeconds} s.");
        }
    }
}
