using P2PCopy.Primitives;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Delivery;

/// <summary>
/// The control messages of one direction, numbered and kept until the other side has taken them, so that a new link can
/// go on where the lost one ended. Adding waits while too much is unacknowledged: a slow reader slows the writer.
/// </summary>
internal sealed class ControlOutbox(long capacityBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<OutgoingControl> _unacknowledged = new();
    private readonly SemaphoreSlim _adders = new(1, 1);
    private readonly AsyncSignal _room = new();
    private LinkedListNode<OutgoingControl>? _nextToSend;
    private long _nextNumber;
    private long _bytes;

    /// <summary>Messages that the other side has taken.</summary>
    public long AcknowledgedCount
    {
        get
        {
            lock (_lock)
                return _unacknowledged.First?.Value.Number ?? _nextNumber;
        }
    }

    /// <summary>True when the other side has taken everything.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _unacknowledged.Count == 0;
        }
    }

    /// <summary>Puts a message behind the others. Completes when there is room for it.</summary>
    public async ValueTask AddAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await _adders.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (!TryAdd(message))
                await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _adders.Release();
        }
    }

    /// <summary>The next message that this link has not carried yet.</summary>
    public bool TryTakeUnsent(out OutgoingControl message)
    {
        lock (_lock)
        {
            if (_nextToSend is null)
            {
                message = default;
                return false;
            }

            message = _nextToSend.Value;
            _nextToSend = _nextToSend.Next;
            return true;
        }
    }

    /// <summary>Forgets what the other side has taken.</summary>
    /// <exception cref="P2PException">It names a message that was never sent.</exception>
    public void Acknowledge(long nextWanted)
    {
        lock (_lock)
        {
            if (nextWanted > _nextNumber)
                throw ProtocolErrors.Malformed($"the ack wants control message {nextWanted}, but only {_nextNumber} exist");
            while (_unacknowledged.First is { } first && first.Value.Number < nextWanted)
            {
                if (ReferenceEquals(first, _nextToSend))
                    _nextToSend = first.Next;
                _bytes -= first.Value.Message.Length;
                _unacknowledged.RemoveFirst();
            }
        }

        _room.Set();
    }

    /// <summary>A new link: everything unacknowledged is to be sent again.</summary>
    public void Rewind()
    {
        lock (_lock)
            _nextToSend = _unacknowledged.First;
    }

    public void Dispose() => _adders.Dispose();

    private bool TryAdd(ReadOnlyMemory<byte> message)
    {
        lock (_lock)
        {
            if (_bytes > 0 && _bytes + message.Length > capacityBytes)
                return false;
            LinkedListNode<OutgoingControl> node = _unacknowledged.AddLast(new OutgoingControl(_nextNumber++, message));
            _nextToSend ??= node;
            _bytes += message.Length;
            return true;
        }
    }
}

/// <summary>A numbered control message, as JSON.</summary>
internal readonly record struct OutgoingControl(long Number, ReadOnlyMemory<byte> Message);
