using System.Threading.Channels;
using P2PCopy.Primitives;

namespace P2PCopy.Session;

/// <summary>
/// The control messages of the other direction: in order, each once. A message counts as wanted until it is taken from
/// here, so the sender's bounded outbox bounds this queue too; a peer that ignores the bound is cut off.
/// </summary>
internal sealed class ControlInbox(long capacityBytes)
{
    private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });

    private long _nextExpected;
    private long _nextWanted;
    private long _pendingBytes;

    /// <summary>The number of the next message that was not taken: what an ack tells.</summary>
    public long NextWanted => Volatile.Read(ref _nextWanted);

    /// <summary>Takes in what a link received. Repeats are dropped.</summary>
    /// <exception cref="P2PException">A number was left out, or too much is pending.</exception>
    public void Add(long number, byte[] message)
    {
        if (number < _nextExpected)
            return;
        if (number > _nextExpected)
            throw ProtocolErrors.Malformed($"control message {number} came before {_nextExpected}");
        if (Interlocked.Add(ref _pendingBytes, message.Length) > capacityBytes)
            throw ProtocolErrors.Malformed($"more than {capacityBytes} bytes of control messages came without waiting for an ack");
        _nextExpected++;
        _messages.Writer.TryWrite(message);
    }

    /// <summary>Takes the next message.</summary>
    public async ValueTask<byte[]> TakeAsync(CancellationToken cancellationToken)
    {
        byte[] message = await _messages.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        Interlocked.Add(ref _pendingBytes, -message.Length);
        Interlocked.Increment(ref _nextWanted);
        return message;
    }
}
