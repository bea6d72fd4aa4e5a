using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;
using P2PCopy.Session.Pairing;

namespace P2PCopy.Session.Links;

/// <summary>
/// A paired session: reliable, ordered control messages both ways and numbered chunks from sender to receiver, over links
/// that may be lost and found again.
/// </summary>
/// <remarks>
/// One caller at a time for each of: <see cref="ReceiveControlAsync"/>, <see cref="SendChunkAsync"/>, taking from
/// <see cref="Chunks"/>. <see cref="SendControlAsync"/> is safe from any thread. When the session ends,
/// <see cref="Ended"/> is cancelled and <see cref="Failure"/> or <see cref="Successor"/> says why; calls then throw
/// <see cref="OperationCanceledException"/> if the caller linked its token to <see cref="Ended"/>, as it should.
/// </remarks>
internal sealed class PeerSession : IAsyncDisposable
{
    /// <summary>JSON of one control message at most; a page of 1 MiB and its envelope.</summary>
    public const int MaxControlBytes = (1 << 20) + (64 << 10);

    /// <summary>The most streams a session may have.</summary>
    public const int MaxStreams = 16;

    private const int RecordOverhead = 64;
    private const long ControlCapacityBytes = 8 << 20;
    private const int MaxIntegrityFailures = 3;

    /// <summary>How long the peer may take to take in this side's last word.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long the peer may take to take in that this side was stopped: whoever stops it waits.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly SessionKeys _keys;
    private readonly SessionLinks _links;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _abortSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _abort;
    private bool _closing;
    private long _ackVersion;
    private long _bytes;
    private int _integrityFailures;

    public PeerSession(SessionContext context, PairingResult pairing)
    {
        Context = context;
        Window = new ChunkOutbox(context.TimeProvider, Wake);
        Chunks = new ChunkInbox(context.TimeProvider);
        Stragglers = new StragglerWatch(context.TimeProvider);
        _keys = pairing.Keys;
        TrailerKey = _keys.Trailer();
        ReceivePool = new BufferPool(MaxControlBytes + RecordOverhead);
        context.Observer.RoomsNeeded(Enumerable.Range(0, MaxStreams).Select(_keys.LinkRoom));
        _links = new SessionLinks(this, new Reconnector(context, _keys));
        _links.Start(pairing.Link);
    }

    public SessionContext Context { get; }

    /// <summary>The key that trailers are made with.</summary>
    public ReadOnlyMemory<byte> TrailerKey { get; }

    /// <summary>The key that digests of blocks are made with.</summary>
    public byte[] BlockKey(int length) => _keys.BlockDigests(length);

    /// <summary>Cancelled when the session is over, for whatever reason.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Why the session failed; null while it runs and when it ended well.</summary>
    public P2PException? Failure { get; private set; }

    /// <summary>The pairing that took this session's place: the peer was started again.</summary>
    public PairingResult? Successor { get; private set; }

    /// <summary>How often the connection was lost and found again.</summary>
    public int Reconnects => _links.Reconnects;

    /// <summary>Bytes over all links so far, both directions.</summary>
    public long BytesTransferred => Volatile.Read(ref _bytes);

    /// <summary>Told how many bytes a link took in which time, as if all links had taken them together.</summary>
    public Action<long, TimeSpan>? ChunkSent { get; set; }

    /// <summary>Told how many bytes all links together delivered in which time, while they were the limit.</summary>
    public Action<long, TimeSpan>? ChunksDelivered { get; set; }

    /// <summary>Links that are up.</summary>
    public int LinksUp => _links.Count;

    internal ControlOutbox Outbox { get; } = new(ControlCapacityBytes);

    internal ControlInbox Inbox { get; } = new(2 * ControlCapacityBytes);

    internal ChunkOutbox Window { get; }

    internal ChunkInbox Chunks { get; }

    internal StragglerWatch Stragglers { get; }

    internal BufferPool ReceivePool { get; private set; }

    internal long AckVersion => Volatile.Read(ref _ackVersion);

    /// <summary>Sets the sizes that both sides have agreed on, before the first offer.</summary>
    /// <param name="chunkSize">Raw bytes in a chunk.</param>
    /// <param name="windowBytes">Bytes of chunks, before compression, that may be unacknowledged; one chunk always may.</param>
    /// <param name="chunkPool">Where buffers of acknowledged chunks go back to.</param>
    public void Configure(int chunkSize, long windowBytes, BufferPool chunkPool)
    {
        int chunks = (int)Math.Clamp(windowBytes / chunkSize, 1, AckState.MaxRanges);
        Window.Configure(chunks, chunkPool);
        Chunks.Configure(chunks);
        ReceivePool = new BufferPool(Math.Max(MaxControlBytes, chunkSize) + RecordOverhead);
    }

    /// <summary>Opens further streams up to <paramref name="count"/> in all; fewer than there are changes nothing.</summary>
    public void OpenStreams(int count) => _links.Open(count);

    /// <summary>Sends a control message: it will arrive once and in order, or the session fails.</summary>
    public async ValueTask SendControlAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        // Here, where it fails its sender: a link that cannot send it would be lost and found again in vain.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(json.Length, ControlEnvelope.MaxMessageLength);
        await Outbox.AddAsync(json, cancellationToken).ConfigureAwait(false);
        _links.Wake();
    }

    /// <summary>
    /// Sends the last control message of this side. From now on a link that ends is no loss: the peer closes as soon as it
    /// has this message, perhaps before <see cref="CloseAsync"/> is called.
    /// </summary>
    public async ValueTask SendLastControlAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        await Outbox.AddAsync(json, cancellationToken).ConfigureAwait(false);
        BeginClose();
    }

    /// <summary>Neither side has anything more to say: the link ends once the peer has everything, or when the peer ends it.</summary>
    public void BeginClose()
    {
        lock (_lock)
            _closing = true;
        AcknowledgeControl();
        _links.Wake();
    }

    /// <summary>
    /// The next control message of the peer. It is acknowledged by the next call, or by <see cref="BeginClose"/>: the peer
    /// may end the link once its last message is, and this side must know by then that this is no loss.
    /// </summary>
    public ValueTask<byte[]> ReceiveControlAsync(CancellationToken cancellationToken)
    {
        AcknowledgeControl();
        return Inbox.TakeAsync(cancellationToken);
    }

    /// <summary>Hands over a chunk; waits while the window is full.</summary>
    public ValueTask SendChunkAsync(OutgoingChunk chunk, CancellationToken cancellationToken) => Window.AddAsync(chunk, cancellationToken);

    /// <summary>A chunk's bytes are with the operating system; the next ack says so.</summary>
    public void MarkWritten(long number)
    {
        Chunks.MarkWritten(number);
        AckChanged();
    }

    /// <summary>The chunk numbers below <paramref name="next"/> exist; those not sent were announced as void.</summary>
    public void SkipChunks(long next) => Window.Skip(next);

    /// <summary>Tells the peer why this side ends, as far as that goes quickly, and ends the session.</summary>
    public async Task AbortAsync(P2PErrorCode code, string message)
    {
        lock (_lock)
            _abort ??= AbortRecord.Encode(code, message);
        _links.Wake();
        TimeSpan patience = code == P2PErrorCode.Cancelled ? StopTimeout : CloseTimeout;
        if (LinksUp > 0)
            await Task.WhenAny(_abortSent.Task, Task.Delay(patience, Context.TimeProvider)).ConfigureAwait(false);
        Fail(new P2PException(code, message));
    }

    /// <summary>Ends a session that has nothing more to say, once the peer has everything.</summary>
    public async Task CloseAsync()
    {
        BeginClose();
        await Task.WhenAny(_idle.Task, Task.Delay(CloseTimeout, Context.TimeProvider, Ended)).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the session and joins everything that runs for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _links.StoppedAsync().ConfigureAwait(false);
        Chunks.Clear();
        Outbox.Dispose();
    }

    /// <returns>False when the link that brought it is better given up.</returns>
    internal bool TakeInChunk(int stream, IncomingChunk chunk)
    {
        if (Context.Role != PeerRole.Receive)
            throw ProtocolErrors.Malformed("a receiver sent a chunk");
        TimeSpan waited = Chunks.Add(chunk);
        AckChanged();
        return !Stragglers.IsStraggler(stream, waited);
    }

    internal void TakeInAbort((P2PErrorCode Code, string Message) abort)
        => Fail(PeerEnded.Describe(Context.Role, abort.Code, abort.Message));

    internal byte[] MakeAck()
    {
        (long next, ChunkRange[] beyond) = Chunks.Written();
        return new AckState(Inbox.NextWanted, next, beyond).Encode();
    }

    internal byte[]? TakeAbort()
    {
        lock (_lock)
            return _abort;
    }

    /// <summary>A link has nothing to send. True when it is to end, because the session is closing or has told its abort.</summary>
    internal bool ReportIdle(int stream)
    {
        lock (_lock)
        {
            if (stream != 0 || !_closing || !Outbox.IsEmpty)
                return false;
        }

        _idle.TrySetResult();
        return true;
    }

    /// <summary>A link is closed that has carried the abort, if there is one, or was the last that could.</summary>
    internal void ReportAbortCarried()
    {
        if (TakeAbort() is not null)
            _abortSent.TrySetResult();
    }

    internal void Wake() => _links.Wake();

    internal void CountLink(SecureLink link) => Interlocked.Add(ref _bytes, link.BytesSent + link.BytesReceived);

    /// <summary>A link brought what is no record of it.</summary>
    /// <exception cref="P2PException">It was one too many.</exception>
    internal void CountIntegrityFailure()
    {
        if (Interlocked.Increment(ref _integrityFailures) >= MaxIntegrityFailures)
        {
            throw new P2PException(
                P2PErrorCode.IntegrityCheckFailed,
                "Three connections delivered records that were altered, lost or repeated on the way, so the transfer ended. Somebody or something between the two sides changes the traffic; try another relay or network.");
        }
    }

    internal void Fail(P2PException failure)
    {
        lock (_lock)
        {
            if (_ended.IsCancellationRequested)
                return;
            Failure ??= failure;
        }

        _ended.Cancel();
    }

    /// <summary>A link ended. True when that needs no new one: the session ended, or has said all it had to say.</summary>
    internal bool IsOver()
    {
        lock (_lock)
        {
            return _ended.IsCancellationRequested || _closing || _abort is not null;
        }
    }

    /// <summary>The peer was started again: a new pairing takes this session's place.</summary>
    internal Task GiveWayAsync(PairingResult successor)
    {
        Successor = successor;
        return _ended.CancelAsync();
    }

    internal void MainStreamEnded()
    {
        _idle.TrySetResult();
        _abortSent.TrySetResult();
    }

    /// <summary>A number that changes whenever something has got through, in either direction.</summary>
    internal long MeasureProgress()
        => Window.AcknowledgedRecordBytes + Chunks.Written().Next + Inbox.NextWanted + Outbox.AcknowledgedCount;

    private void AcknowledgeControl()
    {
        if (Inbox.Done())
            AckChanged();
    }

    private void AckChanged()
    {
        Interlocked.Increment(ref _ackVersion);
        _links.Wake();
    }
}
