using P2PCopy.Primitives;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Delivery;

/// <summary>
/// The control messages to send, numbered and kept until the other side has processed them, so that another link can
/// continue where the last one ended. Adding waits while too much is unacknowledged, so a slow reader slows the writer.
/// </summary>
internal sealed class ControlOutbox(long capacityBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<OutgoingControl> _unacknowledged = new();
    private readonly SemaphoreSlim _adders = new(1, 1);
    private readonly AsyncSignal _room = new();
    private readonly AsyncSignal _acknowledged = new();
    private LinkedListNode<OutgoingControl>? _nextToSend;
    private int? _carrier;
    private long _nextNumber;
    private long _bytes;

    /// <summary>The number of messages that the other side has processed.</summary>
    public long AcknowledgedCount
    {
        get
        {
            lock (_lock)
                return _unacknowledged.First?.Value.Number ?? _nextNumber;
        }
    }

    /// <summary>Whether the other side has processed everything.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _unacknowledged.Count == 0;
        }
    }

    /// <summary>Adds a message to the queue. Completes when there is space for it.</summary>
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

    /// <summary>The next message that was not sent since the last <see cref="Rewind"/>; none for another connection than that one.</summary>
    public bool TryTakeUnsent(int connection, out OutgoingControl message)
    {
        lock (_lock)
        {
            if (_nextToSend is null || connection != _carrier)
            {
                message = default;
                return false;
            }

            message = _nextToSend.Value;
            _nextToSend = _nextToSend.Next;
            return true;
        }
    }

    /// <summary>Removes the messages that the other side has processed.</summary>
    /// <exception cref="P2PException">The number is of a message that was never sent.</exception>
    public void Acknowledge(long nextWanted)
    {
        lock (_lock)
        {
            if (nextWanted > _nextNumber)
                throw ProtocolErrors.Malformed($"an ack that wants control message {nextWanted} of {_nextNumber}");
            while (_unacknowledged.First is { } first && first.Value.Number < nextWanted)
            {
                if (ReferenceEquals(first, _nextToSend))
                    _nextToSend = first.Next;
                _bytes -= Cost(first.Value.Message);
                _unacknowledged.RemoveFirst();
            }
        }

        _room.Set();
        _acknowledged.Set();
    }

    /// <summary>Waits until the other side has processed everything. One caller at a time.</summary>
    public async Task WaitUntilEmptyAsync(CancellationToken cancellationToken)
    {
        while (!IsEmpty)
            await _acknowledged.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends everything unacknowledged again, because another link carries the messages now.</summary>
    public void Rewind(int connection)
    {
        lock (_lock)
            (_nextToSend, _carrier) = (_unacknowledged.First, connection);
    }

    public void Dispose() => _adders.Dispose();

    private bool TryAdd(ReadOnlyMemory<byte> message)
    {
        lock (_lock)
        {
            if (_bytes > 0 && _bytes + Cost(message) > capacityBytes)
                return false;
            LinkedListNode<OutgoingControl> node = _unacknowledged.AddLast(new OutgoingControl(_nextNumber++, message));
            _nextToSend ??= node;
            _bytes += Cost(message);
            return true;
        }
    }

    private static long Cost(ReadOnlyMemory<byte> message) => message.Length + ControlEnvelope.QueueOverhead;
}

/// <summary>A numbered control message, as JSON.</summary>
internal readonly record struct OutgoingControl(long Number, ReadOnlyMemory<byte> Message);
