using System.Threading.Channels;
using P2PCopy.Transport;

namespace P2PCopy.Tests.Testing;

/// <summary>
/// A relay in memory that pairs by room and role. Every message between the peers goes through <see cref="OnMessage"/>,
/// so that a test can be the relay that alters, drops, repeats, reorders, records or cuts.
/// </summary>
internal sealed class MemoryRelay : IRoomConnector
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Room, PeerRole Role), TaskCompletionSource<IMessageChannel>> _waiting = [];
    private int _messages;

    /// <summary>What to deliver in place of a message; an empty list drops it, null cuts the connection.</summary>
    public Func<RelayedMessage, IReadOnlyList<byte[]>?> OnMessage { get; set; } = m => [m.Bytes];

    /// <summary>No room can be joined any more.</summary>
    public bool IsDown { get; set; }

    /// <summary>How many pairs there were.</summary>
    public int Pairs { get; private set; }

    public async Task<IMessageChannel> JoinAsync(RoomJoin join, CancellationToken cancellationToken)
    {
        if (IsDown)
            throw new P2PException(P2PErrorCode.RelayConnectFailed, "The relay is down.");
        TaskCompletionSource<IMessageChannel> own = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            PeerRole other = join.Role == PeerRole.Send ? PeerRole.Receive : PeerRole.Send;
            if (_waiting.Remove((join.Room, other), out TaskCompletionSource<IMessageChannel>? peer))
            {
                Pairs++;
                (RelayedChannel a, RelayedChannel b) = RelayedChannel.Pair(this, join.Role, join.Room);
                if (peer.TrySetResult(b))
                    return a;
            }

            _waiting[(join.Room, join.Role)] = own;
        }

        join.OnWaiting?.Invoke();
        await using CancellationTokenRegistration registration = cancellationToken.Register(() => own.TrySetCanceled(cancellationToken));
        try
        {
            return await own.Task;
        }
        finally
        {
            lock (_lock)
            {
                if (_waiting.TryGetValue((join.Room, join.Role), out TaskCompletionSource<IMessageChannel>? now) && now == own)
                    _waiting.Remove((join.Room, join.Role));
            }
        }
    }

    private IReadOnlyList<byte[]>? Relay(PeerRole from, string room, byte[] message)
        => OnMessage(new RelayedMessage(Interlocked.Increment(ref _messages) - 1, from, room, message));

    private sealed class RelayedChannel(MemoryRelay relay, PeerRole role, string room) : IMessageChannel
    {
        private readonly Channel<byte[]> _incoming = Channel.CreateBounded<byte[]>(16);
        private RelayedChannel? _peer;

        public long BytesReceived { get; private set; }

        public static (RelayedChannel First, RelayedChannel Second) Pair(MemoryRelay relay, PeerRole first, string room)
        {
            var a = new RelayedChannel(relay, first, room);
            var b = new RelayedChannel(relay, first == PeerRole.Send ? PeerRole.Receive : PeerRole.Send, room);
            (a._peer, b._peer) = (b, a);
            return (a, b);
        }

        public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            IReadOnlyList<byte[]>? delivered = relay.Relay(role, room, message.ToArray());
            if (delivered is null)
                Abort();
            try
            {
                foreach (byte[] bytes in delivered ?? [])
                    await _peer!._incoming.Writer.WriteAsync(bytes, cancellationToken);
            }
            catch (System.Threading.Channels.ChannelClosedException e)
            {
                throw Lost(e);
            }

            if (delivered is null)
                throw Lost(null);
        }

        public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            byte[] message;
            try
            {
                message = await _incoming.Reader.ReadAsync(cancellationToken);
            }
            catch (System.Threading.Channels.ChannelClosedException e)
            {
                throw Lost(e);
            }

            if (message.Length > buffer.Length)
                throw new P2PCopy.Transport.ChannelClosedException("A message was too long.");
            message.CopyTo(buffer);
            BytesReceived += message.Length;
            return message.Length;
        }

        public void Abort()
        {
            _incoming.Writer.TryComplete();
            _peer!._incoming.Writer.TryComplete();
        }

        public ValueTask DisposeAsync()
        {
            Abort();
            return ValueTask.CompletedTask;
        }

        private static P2PCopy.Transport.ChannelClosedException Lost(Exception? cause) => new("The connection was lost.", cause);
    }
}

/// <summary>A message on its way through the relay.</summary>
/// <param name="Number">Over all connections, from 0.</param>
/// <param name="From">Who sent it.</param>
/// <param name="Room">In which room.</param>
/// <param name="Bytes">What it is.</param>
internal sealed record RelayedMessage(int Number, PeerRole From, string Room, byte[] Bytes);
