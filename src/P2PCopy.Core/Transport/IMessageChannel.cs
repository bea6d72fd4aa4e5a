namespace P2PCopy.Transport;

/// <summary>
/// A two-way channel of whole messages, in order. One sender and one receiver may use it at the same time; two senders
/// or two receivers may not.
/// </summary>
internal interface IMessageChannel : IAsyncDisposable
{
    /// <summary>
    /// Bytes received so far, including those of an incomplete message. It grows while a long message arrives over a slow
    /// line, so such a line does not count as silent.
    /// </summary>
    long BytesReceived { get; }

    /// <summary>Sends one message. Completes when the transport has accepted it (back-pressure), not when it has arrived.</summary>
    /// <exception cref="ChannelClosedException">The connection was lost.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>Receives one whole message into <paramref name="buffer"/> and returns its length in bytes.</summary>
    /// <exception cref="ChannelClosedException">
    /// The connection was lost, the peer left, or the message was longer than the buffer.
    /// </exception>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Sets what the relay is told when the channel is disposed; a channel without a relay ignores it.</summary>
    void LeaveWith(string reason)
    {
    }

    /// <summary>Ends the connection at once; pending calls throw. Safe from any thread and more than once.</summary>
    void Abort();
}

/// <summary>A channel ended. A session expects that and connects again.</summary>
internal sealed class ChannelClosedException(string reason, Exception? innerException = null)
    : Exception(reason, innerException);
