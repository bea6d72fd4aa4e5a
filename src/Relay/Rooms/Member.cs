using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using P2PCopy.Relay.Frames;
using P2PCopy.Relay.Http;
using P2PCopy.Relay.Limits;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Rooms;

/// <summary>
/// One joined connection. Its read loop runs from the answer to the upgrade until the end. In a pair it writes the bytes to the
/// partner's <see cref="Sink"/> and continues to read when that write is complete, so a slow partner slows this client down and
/// no data accumulates.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without a timer and a sink need no disposal.")]
internal sealed class Member
{
    /// <summary>Bytes of the buffer that a member has while it reads data.</summary>
    public const int BufferSize = 128 * 1024;

    // Space for the rest of the last read, followed by a header before the payload.
    private const int Headroom = FrameDecoder.MaxLeftover + 16;

    // Bytes that one client may move before the others get their turn. The client of a fast pair always has more data to read. It
    // would keep its thread, and with one such pair per processor all others would wait.
    private const int TurnBytes = BufferSize - Headroom;

    // Bytes that one client may move while no other waits for its turn. New data of other clients waits no longer than that.
    private const int LongTurnBytes = 1 << 20;

    // Pings per second; a correct client sends far fewer.
    private const int MaxControlFramesPerTick = 100;

    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);

    private readonly RoomServices _services;
    private readonly Stream _stream;
    private readonly Action _abort;
    private readonly FrameDecoder _decoder;
    private readonly long _joined;

    // Ends a wait for the rate when the connection is aborted.
    private readonly CancellationTokenSource _cut = new();

    // The destination of data; null while waiting and after the pair has ended.
    private Member? _partner;

    // 1 after the end was sent to this member: its further data is discarded.
    private int _ended;

    // When the end was sent, to abort a member that does not close; 0 before.
    private long _endedAt;

    private int _controlFrames;

    public Member(RoomServices services, Stream stream, JoinRequest join, Action abort)
    {
        _services = services;
        _stream = stream;
        _abort = abort;
        Join = join;
        Sink = new FrameSink(stream, services.Clock);
        _decoder = new FrameDecoder(services.Options.MaxMessageBytes);
        _joined = services.Clock.GetTimestamp();
    }

    private static ReadOnlySpan<byte> DirectReason => "direct"u8;

    /// <summary>The request that it joined with.</summary>
    public JoinRequest Join { get; }

    /// <summary>Where this client comes from, as its first hint tells it; null if that is not known.</summary>
    public IPEndPoint? Seen { get; init; }

    /// <summary>The group of its address.</summary>
    public string Group { get; init; } = "";

    /// <summary>The named token of this client; null without one.</summary>
    public TokenUse? Token { get; init; }

    /// <summary>Writes to this client.</summary>
    public FrameSink Sink { get; }

    /// <summary>Its pair; set by the room table and kept when the pair has ended.</summary>
    public PairSession? Session { get; set; }

    /// <summary>Why it left: a value of <see cref="MemberOutcome"/>.</summary>
    public string Outcome { get; private set; } = MemberOutcome.Lost;

    /// <summary>How long it has been in its room.</summary>
    public TimeSpan Duration => _services.Clock.GetElapsedTime(_joined);

    /// <summary>Answers the upgrade and serves the client to its end.</summary>
    public async Task RunAsync(RoomPlacement placement)
    {
        try
        {
            RelayHint first = new(placement.Partner is null ? RelayHintKind.Waiting : RelayHintKind.Paired, Seen: Seen);
            // Without a partner it is not set: the partner that joins next may have set it already.
            if (placement.Partner is not null)
                _partner = placement.Partner;
            await Sink.OpenAsync(HttpReply.Upgrade(Join.Key, FrameSink.FirstHintFrame(first))).ConfigureAwait(false);
            if (placement.Partner is { } partner)
            {
                // This client got its hint first and is read only afterwards, so neither gets data before 'paired'.
                Volatile.Write(ref partner._partner, this);
                await partner.Sink.HintAsync(first).ConfigureAwait(false);
            }

            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (FrameSink.IsEnd(e))
        {
            // The connection is gone.
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Takes this client out of its room, sends it the reason, and aborts its connection if it does not close in time. Only the
    /// first reason counts. Its partner ends too, for the same reason if it is the relay's.
    /// </summary>
    public async Task EndAsync(WebSocketCloseStatus status, string reason, string outcome, RelayHint? last = null)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        Outcome = outcome;
        Volatile.Write(ref _endedAt, Math.Max(1, _services.Clock.GetTimestamp()));
        Volatile.Write(ref _partner, null);
        if (status is RelayProtocol.LimitReached or RelayProtocol.Draining)
            Leave(status, reason, outcome, null);
        else
            Leave();
        await Sink.CloseAsync(status, reason, last).ConfigureAwait(false);
    }

    /// <summary>Closes the connection at once.</summary>
    public void Abort()
    {
        _cut.Cancel();
        _abort();
    }

    /// <summary>Checks every time limit; called once a second.</summary>
    public void Tick()
    {
        Interlocked.Exchange(ref _controlFrames, 0);
        RelayOptions options = _services.Options;
        if (Volatile.Read(ref _endedAt) is var endedAt and not 0)
        {
            if (_services.Clock.GetElapsedTime(endedAt) >= CloseTime)
                Abort();
        }
        else if (Sink.Stalled >= options.IdleTimeout)
        {
            // The client does not read, so it would not read a reason either.
            Outcome = MemberOutcome.Stalled;
            Abort();
        }
        else if (Session is { } session)
        {
            if (session.ReachedLimit() is { } limit)
                _ = EndAsync(RelayProtocol.LimitReached, limit, MemberOutcome.Limit);
        }
        else if (_services.Clock.GetElapsedTime(_joined) >= options.WaitTimeout)
        {
            _ = EndAsync(
                RelayProtocol.WaitTimedOut,
                string.Create(CultureInfo.InvariantCulture, $"No partner joined within {options.WaitTimeout.TotalSeconds:0} s; join again."),
                MemberOutcome.WaitTimedOut);
        }
    }

    private async Task ReadAsync()
    {
        int turn = 0;
        bool more = false;
        while (true)
        {
            if (turn >= TurnBytes && (_services.Turns.IsWaitedFor || turn >= LongTurnBytes))
            {
                turn = 0;
                await _services.Turns.NextAsync();
            }

            // An idle client waits without a buffer.
            if (!more)
                await _stream.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
            byte[] buffer = _services.Buffers.Rent();
            try
            {
                int count = await _stream.ReadAsync(buffer.AsMemory(Headroom)).ConfigureAwait(false);
                if (count == 0)
                {
                    EndOfInput();
                    return;
                }

                if (!await TakeAsync(buffer, Headroom + count).ConfigureAwait(false))
                    return;
                turn += count;
                // A full buffer means that there is probably more, so a wait for data would be an unnecessary system call.
                more = count == buffer.Length - Headroom;
            }
            finally
            {
                _services.Buffers.Return(buffer);
            }
        }
    }

    // A program that is killed and one that closes its socket look the same here.
    private void EndOfInput()
    {
        if (Volatile.Read(ref _ended) == 0 && _decoder.IsBetweenMessages)
            Outcome = MemberOutcome.Disconnected;
    }

    // Returns false at the end.
    private async ValueTask<bool> TakeAsync(byte[] buffer, int end)
    {
        Session?.Touch();
        int read = _decoder.Prepend(buffer, Headroom);
        while (true)
        {
            Member? partner = Volatile.Read(ref _partner);
            bool allowData = partner is not null || Session is not null || Volatile.Read(ref _ended) != 0;
            int written = 0;
            FrameEvent happened = _decoder.Decode(buffer, ref read, end, ref written, allowData, partner?.Sink.HasPendingHint ?? false);
            if (written > 0 && partner is not null)
                await PassOnAsync(partner, buffer.AsMemory(0, written)).ConfigureAwait(false);

            switch (happened)
            {
                case FrameEvent.NeedMore:
                    return true;
                case FrameEvent.MessageEnd:
                    break;
                case FrameEvent.Close:
                    if (Join.Role == PeerRole.Send && Session is not null && _decoder.ControlPayload.EndsWith(DirectReason))
                        _services.Counters.WentDirect();
                    await EndAsync(WebSocketCloseStatus.NormalClosure, string.Empty, MemberOutcome.Closed).ConfigureAwait(false);
                    return false;
                case FrameEvent.Broken:
                    await RefuseAsync(_decoder.Problem.Status, _decoder.Problem.Reason).ConfigureAwait(false);
                    return false;
                default:
                    if (Interlocked.Increment(ref _controlFrames) > MaxControlFramesPerTick)
                    {
                        await RefuseAsync(WebSocketCloseStatus.PolicyViolation, "Too many control frames.").ConfigureAwait(false);
                        return false;
                    }

                    if (happened == FrameEvent.Ping)
                        await Sink.PongAsync(_decoder.ControlPayload).ConfigureAwait(false);
                    break;
            }
        }
    }

    private async ValueTask PassOnAsync(Member partner, ReadOnlyMemory<byte> frames)
    {
        if (!await partner.Sink.WriteDataAsync(frames, _decoder.IsInsideMessage).ConfigureAwait(false))
            return;
        _services.Counters.Forwarded(Join.Role, frames.Length);
        TimeSpan ofToken = Token?.Charge(frames.Length) ?? TimeSpan.Zero;
        TimeSpan ofPair = Session!.Charge(frames.Length);
        TimeSpan wait = ofToken > ofPair ? ofToken : ofPair;
        string? limit = Session.ReachedByteLimit() ?? TokenLimit();
        if (limit is not null)
            await EndAsync(RelayProtocol.LimitReached, limit, MemberOutcome.Limit).ConfigureAwait(false);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, _services.Clock, _cut.Token).ConfigureAwait(false);
    }

    private string? TokenLimit()
        => Token?.IsDailyLimitReached == true ? "A token of this pair has reached its daily limit of bytes; try again tomorrow (UTC) or use another relay." : null;

    // The rest is read and discarded until the client closes: closing with unread bytes could destroy the close frame.
    private async Task RefuseAsync(WebSocketCloseStatus status, string reason)
    {
        _services.Counters.Refused(status == WebSocketCloseStatus.PolicyViolation ? "policy" : "frames");
        await EndAsync(status, reason, MemberOutcome.Violation).ConfigureAwait(false);
        byte[] scratch = new byte[512];
        while (await _stream.ReadAsync(scratch).ConfigureAwait(false) > 0)
        {
            // Discarded.
        }
    }

    private void Leave()
        => Leave(WebSocketCloseStatus.EndpointUnavailable, "The other side left.", MemberOutcome.PeerLeft, new RelayHint(RelayHintKind.PeerLeft));

    // Not awaited: a partner that does not read must not delay this client. Its own time limit ends it.
    private void Leave(WebSocketCloseStatus status, string reason, string outcome, RelayHint? hint)
        => _ = _services.Rooms.Leave(this)?.EndAsync(status, reason, outcome, hint);
}
