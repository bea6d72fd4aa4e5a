using System.Threading.Channels;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Delivery;

/// <summary>
/// The received control messages, in order and each once. A message is acknowledged when the engine has processed it, so
/// the limit of the other side's outbox also limits this queue. Messages may arrive over several connections.
/// </summary>
internal sealed class ControlInbox(long capacityBytes)
{
    private readonly Lock _lock = new();
    private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });

    private long _nextExpected;
    private long _nextWanted;
    private long _pendingBytes;
    private byte[]? _taken;

    /// <summary>The number of the first message that is not processed, for the ack.</summary>
    public long NextWanted => Volatile.Read(ref _nextWanted);

    /// <summary>Adds a message that a link received. Repeats are dropped.</summary>
    /// <exception cref="P2PException">A number was left out, or too many messages are pending.</exception>
    public void Add(long number, byte[] message)
    {
        lock (_lock)
        {
            if (number < _nextExpected)
                return;
            if (number > _nextExpected)
                throw ProtocolErrors.Malformed($"control message {number} before {_nextExpected}");
            if (Interlocked.Add(ref _pendingBytes, message.Length + ControlEnvelope.QueueOverhead) > capacityBytes)
                throw ProtocolErrors.Malformed($"more than {capacityBytes} bytes of control messages without waiting for an ack");
            _nextExpected++;
            _messages.Writer.TryWrite(message);
        }
    }

    /// <summary>Takes the next message. <see cref="Done"/> is called for the previous one first.</summary>
    public async ValueTask<byte[]> TakeAsync(CancellationToken cancellationToken)
        => _taken = await _messages.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Marks the taken message as processed.</summary>
    /// <returns>False if no message was taken since the last call.</returns>
    public bool Done()
    {
        if (Interlocked.Exchange(ref _taken, null) is not { } message)
            return false;
        Interlocked.Add(ref _pendingBytes, -(message.Length + ControlEnvelope.QueueOverhead));
        Interlocked.Increment(ref _nextWanted);
        return true;
    }
}
