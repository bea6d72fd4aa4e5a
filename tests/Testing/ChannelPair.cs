using System.Threading.Channels;
using P2PCopy.Transport;
using QueueClosedException = System.Threading.Channels.ChannelClosedException;

namespace P2PCopy.Tests.Testing;

/// <summary>
/// Two ends of a channel in memory: what one sends the other receives. <see cref="Tamper"/> sees every message on its
/// way and may change it, drop it (null) or cut the connection.
/// </summary>
internal sealed class ChannelPair
{
    /// <param name="capacity">Messages under way in one direction before a send waits.</param>
    public ChannelPair(int capacity = 64)
    {
        var toRight = NewQueue(capacity);
        var toLeft = NewQueue(capacity);
        Left = new End(this, toRight, toLeft, fromLeft: true);
        Right = new End(this, toLeft, toRight, fromLeft: false);
    }

    public IMessageChannel Left { get; }

    public IMessageChannel Right { get; }

    /// <summary>Called with every message that is sent: (sent by the left end, message) → the message to deliver, or null for none.</summary>
    public Func<bool, byte[], byte[]?> Tamper { get; set; } = (_, message) => message;

    /// <summary>Ends both directions, as a lost connection does. What was under way is lost.</summary>
    public void Cut()
    {
        Left.Abort();
        Right.Abort();
    }

    private static Channel<byte[]> NewQueue(int capacity) => Channel.CreateBounded<byte[]>(capacity);

    private sealed class End(ChannelPair pair, Channel<byte[]> outgoing, Channel<byte[]> incoming, bool fromLeft) : IMessageChannel
    {
        private int _sending;
        private int _receiving;

        public long BytesReceived { get; private set; }

        public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _sending, 1) == 1)
                throw new InvalidOperationException("Two senders at the same time.");
            try
            {
                byte[]? delivered = pair.Tamper(fromLeft, message.ToArray());
                if (delivered is not null)
                    await outgoing.Writer.WriteAsync(delivered, cancellationToken);
            }
            catch (QueueClosedException e)
            {
                throw new P2PCopy.Transport.ChannelClosedException("The connection is gone.", e);
            }
            finally
            {
                Volatile.Write(ref _sending, 0);
            }
        }

        public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (Interlocked.Exchange(ref _receiving, 1) == 1)
                throw new InvalidOperationException("Two receivers at the same time.");
            try
            {
                byte[] message = await incoming.Reader.ReadAsync(cancellationToken);
                if (message.Length > buffer.Length)
                    throw new P2PCopy.Transport.ChannelClosedException($"A message of {message.Length} bytes for a buffer of {buffer.Length}.");
                message.CopyTo(buffer);
                BytesReceived += message.Length;
                return message.Length;
            }
            catch (QueueClosedException e)
            {
                throw new P2PCopy.Transport.ChannelClosedException("The connection is gone.", e);
            }
            finally
            {
                Volatile.Write(ref _receiving, 0);
            }
        }

        public void Abort()
        {
            outgoing.Writer.TryComplete();
            incoming.Writer.TryComplete();
            while (incoming.Reader.TryRead(out _))
            { }
        }

        /// <summary>Leaves in order: what was sent still arrives.</summary>
        public ValueTask DisposeAsync()
        {
            outgoing.Writer.TryComplete();
            incoming.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }
    }
}
