using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Direct;
using P2PCopy.Session.Messages;
using P2PCopy.Session.Pairing;

namespace P2PCopy.Session.Links;

/// <summary>
/// A paired session: reliable, ordered control messages in both directions and numbered chunks from sender to receiver,
/// over links that may be lost and replaced.
/// </summary>
/// <remarks>
/// One caller at a time for each of: <see cref="ReceiveControlAsync"/>, <see cref="SendChunkAsync"/>, taking from
/// <see cref="Chunks"/>. <see cref="SendControlAsync"/> is safe from any thread. When the session is over,
/// <see cref="Ended"/> is cancelled and <see cref="State"/> says how it ended. Calls throw
/// <see cref="OperationCanceledException"/> then, if the caller has linked its token to <see cref="Ended"/>.
/// </remarks>
internal sealed class PeerSession : IAsyncDisposable
{
    /// <summary>The longest JSON of a control message: a page of 1 MiB and its envelope.</summary>
    public const int MaxControlBytes = (1 << 20) + (64 << 10);

    /// <summary>The largest number of parallel connections through the relay.</summary>
    public const int MaxConnections = 16;

    /// <summary>The index of the first direct connection.</summary>
    public const int FirstDirect = MaxConnections;

    /// <summary>Connections of both kinds.</summary>
    public const int MaxLinks = FirstDirect + DirectPeer.MaxConnections;

    private const int RecordOverhead = 64;
    private const long ControlCapacityBytes = 8 << 20;
    private const int MaxIntegrityFailures = 3;

    /// <summary>How long the other side may take to acknowledge the final message.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long sending the abort record may take after a cancellation, for which the user waits.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(250);

    private readonly PairingResult _pairing;
    private readonly SessionLinks _links;
    private long _ackVersion;
    private long _bytesDirect;
    private long _bytesRelayed;
    private int _wanted = 1;
    private int _integrityFailures;

    /// <summary>Starts a session.</summary>
    /// <param name="context">The settings of the session.</param>
    /// <param name="pairing">Its keys and first link. The session owns it.</param>
    public PeerSession(SessionContext context, PairingResult pairing)
    {
        Context = context with { Connector = pairing.Connector ?? context.Connector };
        _pairing = pairing;
        Window = new ChunkOutbox(context.TimeProvider, Wake);
        TrailerKey = pairing.Keys.Trailer();
        ReceivePool = new BufferPool(MaxControlBytes + RecordOverhead);
        context.Observer.RoomsNeeded(Enumerable.Range(0, MaxConnections).Select(pairing.Keys.LinkRoom));
        Direct = new DirectPeer(Context, pairing.Keys, (channel, connection, choose, cancellationToken) => LinkHandshake.RunAsync(
            channel, pairing.Keys, context.Role, FirstDirect + connection, context.EncryptPayload, context.TimeProvider, cancellationToken, choose));
        Paths = new ContentPaths(this);
        _links = new SessionLinks(this, new Reconnector(Context, pairing.Keys, context.Connector));
        _links.Start(pairing.Link);
    }

    public SessionContext Context { get; }

    /// <summary>The key of file trailers.</summary>
    public ReadOnlyMemory<byte> TrailerKey { get; }

    /// <summary>The key of block digests.</summary>
    public byte[] BlockKey(int length) => _pairing.Keys.BlockDigests(length);

    /// <summary>The end of the session and its states.</summary>
    public SessionState State => End.State;

    /// <summary>Cancelled when the session is over, for any reason.</summary>
    public CancellationToken Ended => End.Ended;

    /// <summary>The error of the session; null while it runs and if it ended without an error.</summary>
    public P2PException? Failure => End.Failure;

    /// <summary>How often all connections were lost and one was re-established.</summary>
    public int Reconnects => _links.Reconnects;

    /// <summary>Bytes over all links that have ended, both directions.</summary>
    public long BytesTransferred => BytesDirect + BytesRelayed;

    /// <summary>Bytes over direct links that have ended, both directions.</summary>
    public long BytesDirect => Volatile.Read(ref _bytesDirect);

    /// <summary>Bytes over links through the relay that have ended, both directions.</summary>
    public long BytesRelayed => Volatile.Read(ref _bytesRelayed);

    /// <summary>Called with the bytes that a link has sent and the time it took, scaled to all links.</summary>
    public Action<long, TimeSpan>? ChunkSent { get; set; }

    /// <summary>Called with the bytes that all links together delivered and the time it took, while they were the limit.</summary>
    public Action<long, TimeSpan>? ChunksDelivered { get; set; }

    /// <summary>Links that are up.</summary>
    public int LinksUp => _links.Count;

    /// <summary>The direct connections.</summary>
    internal DirectPeer Direct { get; }

    /// <summary>Which connections carry content.</summary>
    internal ContentPaths Paths { get; }

    internal SessionEnd End { get; } = new();

    internal ControlOutbox Outbox { get; } = new(ControlCapacityBytes);

    internal ControlInbox Inbox { get; } = new(2 * ControlCapacityBytes);

    internal ChunkOutbox Window { get; }

    internal ChunkInbox Chunks { get; } = new();

    internal BufferPool ReceivePool { get; private set; }

    internal long AckVersion => Volatile.Read(ref _ackVersion);

    /// <summary>Whether this side has sent its final message and the other side has acknowledged everything.</summary>
    internal bool IsAllDelivered => State == SessionState.Closing && Outbox.IsEmpty;

    /// <summary>Sets the sizes that both sides have agreed on, before the first offer.</summary>
    /// <param name="chunkSize">Raw bytes in a chunk.</param>
    /// <param name="windowBytes">Bytes of chunks, before compression, that may be unacknowledged; one chunk always may.</param>
    /// <param name="chunkPool">The owner of the buffers of acknowledged chunks.</param>
    public void Configure(int chunkSize, long windowBytes, BufferPool chunkPool)
    {
        int chunks = (int)Math.Clamp(windowBytes / chunkSize, 1, AckState.MaxRanges);
        Window.Configure(chunks, chunkPool);
        Chunks.Configure(chunks);
        ReceivePool = new BufferPool(Math.Max(MaxControlBytes, chunkSize) + RecordOverhead);
    }

    /// <summary>Opens further connections up to <paramref name="count"/> on the path that carries content; fewer than there are changes nothing.</summary>
    public void OpenConnections(int count)
    {
        _wanted = Math.Max(_wanted, count);
        Paths.Expect(_wanted);
        ContinueConnections();
    }

    /// <summary>Tries direct connections from now on, which both sides have agreed on.</summary>
    /// <param name="mode">The mode of both sides.</param>
    /// <param name="send">Sends an offer of addresses to the other side.</param>
    public void StartDirect(DirectMode mode, Func<CandidateOffer, CancellationToken, ValueTask> send)
    {
        foreach (int connection in Enumerable.Range(0, DirectPeer.MaxConnections))
            Context.Observer.RoomsNeeded([_pairing.Keys.LinkRoom(DirectPeer.ObservationRoom(PeerRole.Send, connection)), _pairing.Keys.LinkRoom(DirectPeer.ObservationRoom(PeerRole.Receive, connection))]);
        Direct.Start(Context.Direct with { Mode = mode }, send);
        Paths.Begin(mode);
        _links.OpenDirect(1);
    }

    /// <summary>The path has changed: it gets as many connections as are wanted.</summary>
    internal void ContinueConnections()
    {
        if (Paths.IsDirect)
            _links.OpenDirect(_wanted);
        else
            _links.Open(_wanted);
    }

    /// <summary>Sends a control message. It arrives once and in order, or the session fails.</summary>
    public async ValueTask SendControlAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        // Checked here, so that the caller fails. A link that cannot send the message would be replaced in vain.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(json.Length, ControlEnvelope.MaxMessageLength);
        await Outbox.AddAsync(json, cancellationToken).ConfigureAwait(false);
        Wake();
    }

    /// <summary>
    /// Sends the final control message of this side. From now on a link that ends is not replaced: the other side closes
    /// as soon as it has this message, perhaps before <see cref="CloseAsync"/> is called.
    /// </summary>
    public async ValueTask SendLastControlAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        await Outbox.AddAsync(json, cancellationToken).ConfigureAwait(false);
        BeginClose();
    }

    /// <summary>Notes that neither side sends anything new. The links end when the other side has everything or ends them.</summary>
    public void BeginClose()
    {
        End.BeginClose();
        AcknowledgeControl();
        Wake();
    }

    /// <summary>Waits until the other side has processed every control message of this side. One caller at a time.</summary>
    public Task ControlDeliveredAsync(CancellationToken cancellationToken) => Outbox.WaitUntilEmptyAsync(cancellationToken);

    /// <summary>
    /// The next control message of the other side. It is acknowledged by the next call, or by <see cref="BeginClose"/>:
    /// the other side may end the links when its final message is acknowledged, and this side must be closing by then.
    /// </summary>
    public ValueTask<byte[]> ReceiveControlAsync(CancellationToken cancellationToken)
    {
        AcknowledgeControl();
        return Inbox.TakeAsync(cancellationToken);
    }

    /// <summary>Adds a chunk to the outbox; waits while the window is full.</summary>
    public ValueTask SendChunkAsync(OutgoingChunk chunk, CancellationToken cancellationToken) => Window.AddAsync(chunk, cancellationToken);

    /// <summary>Notes that the operating system has the bytes of a chunk; the next ack reports it.</summary>
    public void MarkWritten(long number)
    {
        Chunks.MarkWritten(number);
        AckChanged();
    }

    /// <summary>Notes that the chunk numbers below <paramref name="next"/> exist; those that were not sent are announced as void.</summary>
    public void SkipChunks(long next) => Window.Skip(next);

    /// <summary>Sends the reason to the other side, if that is possible quickly, and ends the session.</summary>
    public async Task AbortAsync(P2PErrorCode code, string message, Exception? cause = null)
    {
        End.BeginAbort(code, message);
        Wake();
        TimeSpan patience = code == P2PErrorCode.Cancelled ? StopTimeout : CloseTimeout;
        if (LinksUp > 0 && State == SessionState.Aborting)
            await Task.WhenAny(End.Delivered, Task.Delay(patience, Context.TimeProvider)).ConfigureAwait(false);
        Fail(cause is P2PException own && own.Code == code ? own : new P2PException(code, message, cause));
    }

    /// <summary>Ends a session in which nothing new is sent, when the other side has everything.</summary>
    public async Task CloseAsync()
    {
        BeginClose();
        await Task.WhenAny(End.Delivered, Task.Delay(CloseTimeout, Context.TimeProvider, Ended)).ConfigureAwait(false);
        End.Stop();
        await _links.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The pairing that replaced this session; it is returned once. Null if there is none. The caller owns it.</summary>
    public PairingResult? TakeSuccessor() => End.TakeSuccessor();

    /// <summary>Ends the session, waits for all its tasks, and clears its keys.</summary>
    public async ValueTask DisposeAsync()
    {
        End.Stop();
        await _links.DisposeAsync().ConfigureAwait(false);
        await Direct.DisposeAsync().ConfigureAwait(false);
        await End.DisposeAsync().ConfigureAwait(false);
        await _pairing.DisposeAsync().ConfigureAwait(false);
        Chunks.Clear();
        Outbox.Dispose();
    }

    internal void AddChunk(IncomingChunk chunk)
    {
        if (Context.Role != PeerRole.Receive)
            throw ProtocolErrors.Malformed("a chunk, although it is the receiver");
        Chunks.Add(chunk);
        AckChanged();
    }

    internal void EndedByPeer((P2PErrorCode Code, string Message) abort)
        => Fail(PeerEnded.Describe(Context.Role, abort.Code, abort.Message));

    internal byte[] MakeAck()
    {
        (long next, ChunkRange[] arrived) = Chunks.Ack();
        return new AckState(Inbox.NextWanted, next, arrived).Encode();
    }

    internal bool IsMessenger(int connection) => _links.IsMessenger(connection);

    internal void Wake() => _links.Wake();

    internal void CountLink(SecureLink link, int connection)
        => Interlocked.Add(ref connection < FirstDirect ? ref _bytesRelayed : ref _bytesDirect, link.BytesSent + link.BytesReceived);

    /// <summary>Counts a record that does not open.</summary>
    /// <exception cref="P2PException">It was the third one.</exception>
    internal void CountIntegrityFailure(Exception cause)
    {
        if (Interlocked.Increment(ref _integrityFailures) >= MaxIntegrityFailures)
        {
            throw new P2PException(
                P2PErrorCode.IntegrityCheckFailed,
                "Three connections delivered records that were altered, lost or repeated in transit, so the transfer ended.",
                cause)
            {
                Hint = "A system between the two sides changes the traffic; use another relay or network.",
            };
        }
    }

    internal void Fail(P2PException failure) => End.Fail(failure);

    /// <summary>A number that changes whenever something has arrived, in either direction.</summary>
    internal long MeasureProgress()
        => Window.AcknowledgedRecordBytes + Chunks.NextWritten + Inbox.NextWanted + Outbox.AcknowledgedCount;

    private void AcknowledgeControl()
    {
        if (Inbox.Done())
            AckChanged();
    }

    private void AckChanged()
    {
        Interlocked.Increment(ref _ackVersion);
        Wake();
    }
}
