using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.WebSockets;
using P2PCopy.Relay.Frames;
using P2PCopy.Relay.Hosting;
using P2PCopy.Relay.Http;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Rooms;

/// <summary>
/// One joined connection. Its read loop runs from the answer to the upgrade until the end; while it is paired, what it
/// reads goes to the partner's <see cref="Sink"/>, and as nothing is read before that write is done, a slow partner
/// slows this client down and nothing piles up.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer, and a sink, own nothing that outlives them.")]
internal sealed class Member
{
    /// <summary>Bytes of the buffer that a member has while it moves something.</summary>
    public const int BufferSize = 128 * 1024;

    // Room for the bytes left over from the last read, and behind that for a header before the payload.
    private const int Headroom = FrameDecoder.MaxLeftover + 16;

    // What one client may move before the others get their turn. A pair whose ends are fast would otherwise find more to
    // read each time, keep its thread, and with as many such pairs as processors keep everybody else waiting.
    private const int TurnBytes = BufferSize - Headroom;

    // What one client may move while no other waits for its turn; what has just arrived waits for that, but not long.
    private const int LongTurnBytes = 1 << 20;

    // Pings a second that no honest client comes near to.
    private const int MaxControlFramesPerTick = 100;

    private static readonly TimeSpan s_closeTime = TimeSpan.FromSeconds(5);

    private readonly RelayHub _hub;
    private readonly Stream _stream;
    private readonly Action _abort;
    private readonly FrameDecoder _decoder;
    private readonly long _joined;

    // Ends a wait for the rate when the connection is cut off.
    private readonly CancellationTokenSource _cut = new();

    // Where data goes; null while waiting and again when the pair has ended.
    private Member? _partner;

    // 1 once this member was told to go: what it sends from then on is thrown away.
    private int _ended;

    // When a member that was told to go is cut off; 0 before.
    private long _endedAt;

    private int _controlFrames;

    public Member(RelayHub hub, Stream stream, JoinRequest join, Action abort)
    {
        _hub = hub;
        _stream = stream;
        _abort = abort;
        Join = join;
        Sink = new FrameSink(stream, hub.Clock);
        _decoder = new FrameDecoder(hub.Options.MaxMessageBytes);
        _joined = hub.Clock.GetTimestamp();
    }

    /// <summary>What it asked for.</summary>
    public JoinRequest Join { get; }

    /// <summary>The way to this client.</summary>
    public FrameSink Sink { get; }

    /// <summary>The pair it is in; set by the room table, and kept when the pair has ended.</summary>
    public PairSession? Session { get; set; }

    /// <summary>How it ended, for the log.</summary>
    public string Outcome { get; private set; } = "lost";

    /// <summary>Answers the upgrade and serves the client to its end.</summary>
    public async Task RunAsync(RoomPlacement placement)
    {
        try
        {
            RelayHint first = new(placement.Partner is null ? RelayHintKind.Waiting : RelayHintKind.Paired);
            // Not where nobody was: the one who came next may have set it already.
            if (placement.Partner is not null)
                _partner = placement.Partner;
            await Sink.OpenAsync(HttpReply.Upgrade(Join.Key, FrameSink.HintFrame(first))).ConfigureAwait(false);
            if (placement.Partner is { } partner)
            {
                // This client was told first and is read from only afterwards: so neither hears data before 'paired'.
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
    /// Takes this client out of its room, tells it why, and cuts it off if it does not go in time. The first reason
    /// counts. A partner goes too, for the same reason if it is one of the relay's.
    /// </summary>
    public async Task EndAsync(WebSocketCloseStatus status, string reason, RelayHint? last = null)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        Outcome = reason;
        Volatile.Write(ref _endedAt, Math.Max(1, _hub.Clock.GetTimestamp()));
        Volatile.Write(ref _partner, null);
        if (status is RelayProtocol.LimitReached or RelayProtocol.Draining)
            Leave(status, reason, null);
        else
            Leave();
        await Sink.CloseAsync(status, reason, last).ConfigureAwait(false);
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort()
    {
        _cut.Cancel();
        _abort();
    }

    /// <summary>Looks at every time limit; called once a second.</summary>
    public void Tick()
    {
        Interlocked.Exchange(ref _controlFrames, 0);
        RelayOptions options = _hub.Options;
        if (Volatile.Read(ref _endedAt) is var endedAt and not 0)
        {
            if (_hub.Clock.GetElapsedTime(endedAt) >= s_closeTime)
                Abort();
        }
        else if (Sink.Stalled.TotalSeconds >= options.IdleTimeoutSeconds)
        {
            // It takes nothing, so it would not take a reason either.
            Outcome = "stalled";
            Abort();
        }
        else if (Session is { } session)
        {
            if (session.ReachedLimit() is { } limit)
                _ = EndAsync(RelayProtocol.LimitReached, limit);
        }
        else if (_hub.Clock.GetElapsedTime(_joined).TotalSeconds >= options.WaitTimeoutSeconds)
        {
            _ = EndAsync(
                RelayProtocol.WaitTimedOut,
                string.Create(CultureInfo.InvariantCulture, $"Nobody came within {options.WaitTimeoutSeconds} s; join again."));
        }
    }

    private async Task ReadAsync()
    {
        int turn = 0;
        bool more = false;
        while (true)
        {
            if (turn >= TurnBytes && (_hub.Turns.IsWaitedFor || turn >= LongTurnBytes))
            {
                turn = 0;
                await _hub.Turns.NextAsync();
            }

            // Waits without a buffer: an idle client costs none.
            if (!more)
                await _stream.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
            byte[] buffer = _hub.Buffers.Rent();
            try
            {
                int count = await _stream.ReadAsync(buffer.AsMemory(Headroom)).ConfigureAwait(false);
                if (count == 0 || !await TakeAsync(buffer, Headroom + count).ConfigureAwait(false))
                    return;
                turn += count;
                // What filled the buffer is hardly all there was, and waiting for the rest would be a system call for nothing.
                more = count == buffer.Length - Headroom;
            }
            finally
            {
                _hub.Buffers.Return(buffer);
            }
        }
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
                    await EndAsync(WebSocketCloseStatus.NormalClosure, string.Empty).ConfigureAwait(false);
                    Outcome = "closed";
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
        _hub.Metrics.Passed(Join.Role, frames.Length);
        TimeSpan wait = Session!.Charge(frames.Length);
        if (Session.ReachedByteLimit() is { } limit)
            await EndAsync(RelayProtocol.LimitReached, limit).ConfigureAwait(false);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, _hub.Clock, _cut.Token).ConfigureAwait(false);
    }

    // The rest is read and thrown away until the client goes: closing with unread bytes could destroy the close frame.
    private async Task RefuseAsync(WebSocketCloseStatus status, string reason)
    {
        _hub.Metrics.Refused(status == WebSocketCloseStatus.PolicyViolation ? "policy" : "frames");
        await EndAsync(status, reason).ConfigureAwait(false);
        byte[] scratch = new byte[512];
        while (await _stream.ReadAsync(scratch).ConfigureAwait(false) > 0)
        {
            // Nobody's.
        }
    }

    private void Leave()
        => Leave(WebSocketCloseStatus.EndpointUnavailable, "The other side left.", new RelayHint(RelayHintKind.PeerLeft));

    // Not waited for: a partner that takes nothing must not hold this client up, and its own time limit ends it.
    private void Leave(WebSocketCloseStatus status, string reason, RelayHint? hint)
        => _ = _hub.Rooms.Leave(this)?.EndAsync(status, reason, hint);
}
