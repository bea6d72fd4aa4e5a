using P2PCopy.Session.Messages;
using P2PCopy.Transport;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// One authenticated connection of a session, which sends and receives records. One caller at a time may send, and one may receive.
/// </summary>
internal sealed class SecureLink : IAsyncDisposable
{
    private readonly IMessageChannel _channel;
    private readonly RecordSealer _sealer;
    private readonly RecordOpener _opener;
    private readonly TimeProvider _timeProvider;

    private readonly Lock _sealing = new(); // the keys are not disposed while a record is sealed

    private long _bytesSent;
    private long _bytesReceived;
    private long _messagesSent;
    private long _messagesReceived;
    private long _lastSent;
    private long _lastHeard;
    private long _bytesHeard;
    private int _disposed;

    /// <param name="channel">The connection, which the link owns from now on.</param>
    /// <param name="own">The keys for sending.</param>
    /// <param name="peer">The keys for receiving.</param>
    /// <param name="connectionIndex">0 to 15.</param>
    /// <param name="encryptPayload">Whether chunks are sealed like all other records.</param>
    /// <param name="timeProvider">The clock of <see cref="SinceSent"/> and <see cref="MeasureSilence"/>.</param>
    /// <param name="epochLength">Sealed bytes in an epoch.</param>
    public SecureLink(
        IMessageChannel channel,
        RecordKeys own,
        RecordKeys peer,
        int connectionIndex,
        bool encryptPayload,
        TimeProvider timeProvider,
        long epochLength = RecordFormat.EpochLength)
    {
        _channel = channel;
        _sealer = new RecordSealer(own, epochLength);
        _opener = new RecordOpener(peer, plainChunks: !encryptPayload, epochLength);
        _timeProvider = timeProvider;
        ConnectionIndex = connectionIndex;
        EncryptPayload = encryptPayload;
        _lastSent = _lastHeard = timeProvider.GetTimestamp();
    }

    /// <summary>The number of this connection in the session.</summary>
    public int ConnectionIndex { get; }

    /// <summary>Whether chunks are sealed like all other records.</summary>
    public bool EncryptPayload { get; }

    /// <summary>Bytes of messages sent on this link.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    /// <summary>Bytes of messages received on this link.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Messages sent on this link.</summary>
    public long MessagesSent => Volatile.Read(ref _messagesSent);

    /// <summary>Messages received on this link.</summary>
    public long MessagesReceived => Volatile.Read(ref _messagesReceived);

    /// <summary>Bytes that have arrived, including those of an incomplete message.</summary>
    public long BytesHeard => _channel.BytesReceived;

    /// <summary>Time since the last message was sent.</summary>
    public TimeSpan SinceSent => _timeProvider.GetElapsedTime(Volatile.Read(ref _lastSent));

    /// <summary>
    /// Time since the last byte of the other side arrived. A part of a message counts, because a chunk may take longer than
    /// the silence time-out. The precision depends on how often it is called. One caller at a time.
    /// </summary>
    public TimeSpan MeasureSilence()
    {
        long bytes = _channel.BytesReceived;
        if (bytes != _bytesHeard)
        {
            _bytesHeard = bytes;
            _lastHeard = _timeProvider.GetTimestamp();
        }

        return _timeProvider.GetElapsedTime(_lastHeard);
    }

    /// <summary>Seals a record into <paramref name="scratch"/> and sends it; a chunk is sent unencrypted if the sides agreed on that.</summary>
    /// <param name="record">The plaintext (type ‖ body); it is not changed and may be sent again over another link.</param>
    /// <param name="scratch">Space for the message, 17 bytes longer than the record; free again when the call returns.</param>
    /// <param name="cancellationToken">Cancels. A cancellation after sealing ends the link, because the next record does not open without this one.</param>
    /// <exception cref="ChannelClosedException">The connection is lost; messages that arrived before can still be received.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> record, Memory<byte> scratch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int length = Seal(record.Span, scratch.Span);
        try
        {
            await _channel.SendAsync(scratch[..length], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ChannelClosedException)
        {
            _channel.Abort();
            throw;
        }

        _bytesSent += length;
        _messagesSent++;
        Volatile.Write(ref _lastSent, _timeProvider.GetTimestamp());
    }

    /// <summary>Receives the next message; the caller opens it with <see cref="Open"/> before the next call.</summary>
    /// <param name="buffer">At least as long as the longest allowed message.</param>
    /// <param name="cancellationToken">Cancels, which ends the link.</param>
    /// <returns>Its length in <paramref name="buffer"/>.</returns>
    /// <exception cref="ChannelClosedException">The connection is lost.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) => _channel.ReceiveAsync(buffer, cancellationToken);

    /// <summary>Opens a message; messages are opened in the order of their arrival.</summary>
    /// <param name="message">The whole message; it is changed.</param>
    /// <returns>The record; its body is a part of <paramref name="message"/>.</returns>
    /// <exception cref="RecordException">The message is not a record of this link; the link must end.</exception>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.ProtocolError"/>: an authentic record of an unknown type.</exception>
    public ReceivedRecord Open(Memory<byte> message)
    {
        _bytesReceived += message.Length;
        _messagesReceived++;
        int length = _opener.Open(message.Span);
        var type = (RecordType)message.Span[RecordFormat.PrefixLength];
        if (type is < RecordType.Chunk or > RecordType.Abort)
            throw ProtocolErrors.Malformed($"a record of the unknown type {(byte)type}");
        return new ReceivedRecord(type, message.Slice(RecordFormat.PrefixLength + 1, length - 1));
    }

    private int Seal(ReadOnlySpan<byte> record, Span<byte> message)
    {
        lock (_sealing)
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            if (EncryptPayload || record[0] != (byte)RecordType.Chunk)
                return _sealer.SealFrom(record, message);
            record.CopyTo(message[RecordFormat.PrefixLength..]);
            return _sealer.MarkPlain(message, record.Length);
        }
    }

    /// <summary>Sets what a relay is told when the link is disposed.</summary>
    public void LeaveWith(string reason) => _channel.LeaveWith(reason);

    /// <summary>Ends the connection at once; pending calls throw. Safe from any thread and more than once.</summary>
    public void Abort() => _channel.Abort();

    /// <summary>
    /// Closes the connection in order, so that sent messages still arrive, and clears the keys. Call it when no call is in
    /// progress, or after <see cref="Abort"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _channel.DisposeAsync().ConfigureAwait(false);
        lock (_sealing)
            _sealer.Dispose();
        _opener.Dispose();
    }
}

/// <summary>A received record.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Body">The bytes after the type, in the caller's buffer.</param>
internal readonly record struct ReceivedRecord(RecordType Type, Memory<byte> Body);
