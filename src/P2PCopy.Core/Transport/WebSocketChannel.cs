using System.Net.WebSockets;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Transport;

/// <summary>
/// A paired connection to a relay. A message is sent in frames of at most 128 KiB and received directly into the caller's
/// buffer. Cancelling a call ends the channel, because a partly sent message cannot be withdrawn.
/// </summary>
internal sealed class WebSocketChannel : IMessageChannel
{
    /// <summary>The longest duration of <see cref="DisposeAsync"/>. It is real time, also with a clock that tests set.</summary>
    internal static readonly TimeSpan CloseBound = TimeSpan.FromMilliseconds(250);

    /// <summary>The time for which a relay that has not closed yet is still read from, so that sent bytes arrive.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    // A receive completes when its buffer is full. Short parts show progress of a long message on a slow line.
    private const int PartLength = 128 << 10;

    private readonly WebSocket _socket;

    // Completes when the owner's receive has ended. DisposeAsync may then read the rest.
    private readonly TaskCompletionSource _receiverLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // 1 while a receive is pending. The socket allows one, so DisposeAsync has to know.
    private int _receiving;

    private int _disposed;
    private volatile string? _leaveReason;

    // Written by the receiver, read by the silence watch.
    private long _bytesReceived;

    private readonly TimeProvider _time;
    private readonly UpgradedStream? _network;

    /// <param name="socket">An open WebSocket. The channel owns it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="network">The stream below the socket, to probe it; null if it is not known.</param>
    public WebSocketChannel(WebSocket socket, TimeProvider time, UpgradedStream? network)
    {
        _network = network;
        _socket = socket;
        _time = time;
    }

    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            // The socket masks each frame in its own buffer. A short part is still in the processor's cache when it is
            // masked and when it is sent.
            for (; message.Length > PartLength; message = message[PartLength..])
                await _socket.SendAsync(message[..PartLength], WebSocketMessageType.Binary, WebSocketMessageFlags.None, cancellationToken).ConfigureAwait(false);
            await _socket.SendAsync(message, WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e, cancellationToken))
        {
            throw Closed(e);
        }
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        => ReceiveAsync(buffer, WebSocketMessageType.Binary, cancellationToken);

    /// <summary>Waits for the next hint of a relay that has not paired yet.</summary>
    /// <exception cref="ChannelClosedException">The connection was lost, or the relay sent something else.</exception>
    internal async Task<RelayHint> ReceiveHintAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[RelayHint.MaxLength];
        while (true)
        {
            int length = await ReceiveAsync(buffer, WebSocketMessageType.Text, cancellationToken).ConfigureAwait(false);
            RelayHint hint = RelayHint.Parse(buffer.AsSpan(0, length));
            if (hint.Kind != RelayHintKind.Unknown)
                return hint;
        }
    }

    /// <summary>
    /// Whether the relay answers a ping in time. Between <see cref="BeginProbes"/> and <see cref="EndProbes"/>, while a hint is awaited.
    /// </summary>
    internal Task<bool> ProbeAsync(TimeSpan timeout, CancellationToken cancellationToken)
        => _network is null ? Task.FromResult(true) : _network.ProbeAsync(timeout, _time, cancellationToken);

    /// <summary>Begins the time of probes.</summary>
    internal void BeginProbes() => _network?.BeginProbes();

    /// <summary>Ends the time of probes.</summary>
    internal void EndProbes() => _network?.EndProbes();

    /// <summary>The relay's close code; null while it has not closed.</summary>
    internal WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>The relay's reason for closing, printable.</summary>
    internal string CloseReason => RelayProtocol.Printable(_socket.CloseStatusDescription);

    public void LeaveWith(string reason) => _leaveReason = reason;

    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        using var bound = new CancellationTokenSource(CloseBound);
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, _leaveReason, bound.Token).ConfigureAwait(false);
                // Closing a socket with unread bytes resets the connection, and the relay may lose bytes that it has not read
                // yet. So read until the relay has closed too.
                Task drained = DrainAsync();
                await Task.WhenAny(drained, Task.Delay(Timeout.InfiniteTimeSpan, bound.Token)).ConfigureAwait(false);
                if (!drained.IsCompleted)
                {
                    _ = LingerAsync(drained);
                    return;
                }
            }
        }
        catch (Exception e) when (IsEnd(e) || e is OperationCanceledException)
        {
            // The connection is dead or does not take a close frame in time.
            _socket.Abort();
        }

        _socket.Dispose();
    }

    private async Task LingerAsync(Task drained)
    {
        await Task.WhenAny(drained, Task.Delay(Linger, _time)).ConfigureAwait(false);
        _socket.Abort();
        _socket.Dispose();
    }

    private async Task DrainAsync()
    {
        if (Interlocked.CompareExchange(ref _receiving, 1, 0) != 0)
            await _receiverLeft.Task.ConfigureAwait(false);

        byte[] scratch = new byte[4096];
        try
        {
            while (_socket.State == WebSocketState.CloseSent && (await _socket.ReceiveAsync(scratch.AsMemory(), CancellationToken.None).ConfigureAwait(false)).MessageType
                != WebSocketMessageType.Close)
            {
                // Data after the close frame is discarded.
            }
        }
        catch (Exception e) when (IsEnd(e) || e is OperationCanceledException)
        {
            // The connection ended without a close frame.
        }
    }

    /// <summary>Receives the next message of a type. Before the pair nothing else is allowed; after it, hints are.</summary>
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        if (_disposed != 0)
            throw Closed(null);
        if (Interlocked.CompareExchange(ref _receiving, 1, 0) != 0)
            throw new InvalidOperationException("A receive is pending already.");
        try
        {
            int length = 0;
            while (true)
            {
                ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(Part(buffer, length), cancellationToken).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                    throw Closed(null);
                length += part.Count;
                Volatile.Write(ref _bytesReceived, _bytesReceived + part.Count);
                if (part.EndOfMessage)
                {
                    if (part.MessageType == type)
                        return length;
                    CheckOther(type, buffer.Span[..length]);
                    length = 0;
                }
                else if (length == buffer.Length)
                {
                    throw End(new ChannelClosedException($"A message was longer than the allowed {buffer.Length} bytes."));
                }
            }
        }
        catch (Exception e) when (IsEnd(e, cancellationToken))
        {
            throw Closed(e);
        }
        finally
        {
            Interlocked.Exchange(ref _receiving, 0);
            if (_disposed != 0)
                _receiverLeft.TrySetResult();
        }
    }

    private void CheckOther(WebSocketMessageType wanted, ReadOnlySpan<byte> message)
    {
        if (wanted == WebSocketMessageType.Text)
            throw End(new ChannelClosedException("The relay sent data before it paired."));

        // Only the relay can send text: it ends the connection of a client that does. A drain hint is ignored, because a pair
        // may continue until the drain time ends.
        if (RelayHint.Parse(message).Kind == RelayHintKind.PeerLeft)
            throw new ChannelClosedException("The other side left the relay.");
    }

    private static Memory<byte> Part(Memory<byte> buffer, int from) => buffer.Slice(from, Math.Min(PartLength, buffer.Length - from));

    private ChannelClosedException Closed(Exception? cause)
    {
        string reason = _socket.CloseStatus is { } status
            ? $"The relay closed the connection ({(int)status}{(CloseReason.Length > 0 ? ", " + CloseReason : string.Empty)})."
            : "The connection to the relay was lost.";
        return new ChannelClosedException(reason, cause);
    }

    private ChannelClosedException End(ChannelClosedException exception)
    {
        Abort();
        return exception;
    }

    // An abort by another thread looks like a cancellation without a cancelled token.
    private static bool IsEnd(Exception e, CancellationToken cancellationToken)
        => IsEnd(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static bool IsEnd(Exception e)
        => e is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException;
}
