namespace P2PCopy.Transport;

/// <summary>
/// A two-way channel of whole messages, in order. One sender and one receiver may use it at the same time; two senders
/// or two receivers may not.
/// </summary>
internal interface IMessageChannel : IAsyncDisposable
{
    /// <summary>
    /// Bytes that have arrived so far, with those of a message that is not complete: it grows while a long message comes
    /// in over a slow line, which is no silence.
    /// </summary>
    long BytesReceived { get; }

    /// <summary>Sends one message. Completes when the transport has taken it (back-pressure), not when it arrived.</summary>
    /// <exception cref="ChannelClosedException">The connection is gone.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>Receives one whole message into <paramref name="buffer"/> and returns its length in bytes.</summary>
    /// <exception cref="ChannelClosedException">
    /// The connection is gone, the peer left, or the message was longer than the buffer.
    /// </exception>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Ends the connection at once; pending calls throw. Safe from any thread and more than once.</summary>
    void Abort();
}
