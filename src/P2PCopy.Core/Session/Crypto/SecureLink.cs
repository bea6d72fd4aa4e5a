using P2PCopy.Session.Messages;
using P2PCopy.Transport;

namespace P2PCopy.Session.Crypto;

/// <summary>
/// One authenticated connection of a session: records in, records out. One caller at a time may send, and one receive.
/// </summary>
internal sealed class SecureLink : IAsyncDisposable
{
    private readonly IMessageChannel _channel;
    private readonly RecordSealer _sealer;
    private readonly RecordOpener _opener;
    private readonly TimeProvider _timeProvider;

    private readonly Lock _sealing = new(); // against forgetting the keys meanwhile

    private long _bytesSent;
    private long _bytesReceived;
    private long _messagesSent;
    private long _messagesReceived;
    private long _lastSent;
    private long _lastHeard;
    private long _bytesHeard;
    private int _disposed;

    /// <param name="channel">The connection, owned from now on.</param>
    /// <param name="own">The keys of what this side sends.</param>
    /// <param name="peer">The keys of what the other side sends.</param>
    /// <param name="streamIndex">0 to 15.</param>
    /// <param name="encryptPayload">Whether chunks are sealed like everything else.</param>
    /// <param name="timeProvider">The clock of <see cref="SinceSent"/> and <see cref="MeasureSilence"/>.</param>
    /// <param name="epochLength">Bytes after which new keys are used.</param>
    public SecureLink(
        IMessageChannel channel,
        RecordKeys own,
        RecordKeys peer,
        int streamIndex,
        bool encryptPayload,
        TimeProvider timeProvider,
        long epochLength = RecordFormat.EpochLength)
    {
        _channel = channel;
        _sealer = new RecordSealer(own, epochLength);
        _opener = new RecordOpener(peer, plainChunks: !encryptPayload, epochLength);
        _timeProvider = timeProvider;
        StreamIndex = streamIndex;
        EncryptPayload = encryptPayload;
        _lastSent = _lastHeard = timeProvider.GetTimestamp();
    }

    /// <summary>Which of the session's connections this is.</summary>
    public int StreamIndex { get; }

    /// <summary>Whether chunks are sealed like everything else.</summary>
    public bool EncryptPayload { get; }

    /// <summary>Bytes of messages sent on this link.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    /// <summary>Bytes of messages received on this link.</summary>
    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    /// <summary>Messages sent on this link.</summary>
    public long MessagesSent => Volatile.Read(ref _messagesSent);

    /// <summary>Messages received on this link.</summary>
    public long MessagesReceived => Volatile.Read(ref _messagesReceived);

    /// <summary>Time since the last message was sent.</summary>
    public TimeSpan SinceSent => _timeProvider.GetElapsedTime(Volatile.Read(ref _lastSent));

    /// <summary>
    /// Time since anything of the other side arrived, also a part of a message: a chunk may take longer than silence is
    /// allowed to. It is as exact as the calls are frequent. One caller at a time.
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

    /// <summary>Seals a record into <paramref name="scratch"/> and sends it; a chunk goes in clear when the session says so.</summary>
    /// <param name="record">The plaintext (type ‖ body); it stays as it is, and may be sent again over another link.</param>
    /// <param name="scratch">Room for the message, 17 bytes more than the record; free again when the call is done.</param>
    /// <param name="cancellationToken">Cancels. Once the record is sealed this ends the link, because the next would not open without it.</param>
    /// <exception cref="ChannelClosedException">The connection is gone; what came before can still be received.</exception>
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

    /// <summary>Receives the next message, which <see cref="Open"/> makes a record of before the next call.</summary>
    /// <param name="buffer">At least as long as the longest message that may come.</param>
    /// <param name="cancellationToken">Cancels, which ends the link.</param>
    /// <returns>Its length in <paramref name="buffer"/>.</returns>
    /// <exception cref="ChannelClosedException">The connection is gone.</exception>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) => _channel.ReceiveAsync(buffer, cancellationToken);

    /// <summary>Opens a message, in the order in which they came.</summary>
    /// <param name="message">The whole message; it is changed.</param>
    /// <returns>The record; its body lies in <paramref name="message"/>.</returns>
    /// <exception cref="RecordException">What came is no record of this link, which has to be given up.</exception>
    /// <exception cref="P2PException"><see cref="P2PErrorCode.ProtocolError"/>: an authentic record of no known type.</exception>
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

    /// <summary>Ends the connection at once; pending calls throw. Safe from any thread and more than once.</summary>
    public void Abort() => _channel.Abort();

    /// <summary>
    /// Leaves in order: what was sent still arrives. Call it when nothing is being sent or opened, or after
    /// <see cref="Abort"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _channel.DisposeAsync().ConfigureAwait(false);
        lock (_sealing)
            _sealer.Dispose();
        _opener.Dispose();
    }
}

/// <summary>A record as it came.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Body">What follows the type, in the caller's buffer.</param>
internal readonly record struct ReceivedRecord(RecordType Type, Memory<byte> Body);
