using System.Threading.Channels;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Delivery;

/// <summary>
/// The control messages of the other direction: in order, each once. A message counts as wanted until whoever took it is
/// done with it, so the sender's bounded outbox bounds this queue too; a peer that ignores the bound is cut off.
/// </summary>
internal sealed class ControlInbox(long capacityBytes)
{
    private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });

    private long _nextExpected;
    private long _nextWanted;
    private long _pendingBytes;
    private byte[]? _taken;

    /// <summary>The number of the first message that nobody is done with yet: what an ack tells.</summary>
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

    /// <summary>Takes the next message, when <see cref="Done"/> was said of the one before.</summary>
    public async ValueTask<byte[]> TakeAsync(CancellationToken cancellationToken)
        => _taken = await _messages.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>What was taken has done its work.</summary>
    /// <returns>False if nothing was taken since.</returns>
    public bool Done()
    {
        if (Interlocked.Exchange(ref _taken, null) is not { } message)
            return false;
        Interlocked.Add(ref _pendingBytes, -message.Length);
        Interlocked.Increment(ref _nextWanted);
        return true;
    }
}
