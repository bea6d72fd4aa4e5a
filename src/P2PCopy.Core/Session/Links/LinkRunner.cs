using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;

namespace P2PCopy.Session.Links;

/// <summary>
/// Runs one link of a session until it ends: a loop that sends what is due, a loop that takes in what comes, and a clock
/// that makes heartbeats and notices silence. The receive loop never waits for disks or the engine, so silence is silence.
/// </summary>
internal sealed class LinkRunner(PeerSession session, SecureLink link, int stream, Action linkIsUp)
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ClockTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWordTimeout = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = session.Context.TimeProvider;
    private readonly AsyncSignal _work = new();
    private byte[] _scratch = [];
    private long _ackVersionSent = -1;
    private volatile bool _peerAckSeen;
    private volatile bool _heartbeatDue;
    private volatile string? _endReason;

    /// <summary>Something may be due.</summary>
    public void Wake() => _work.Set();

    /// <summary>Runs the link to its end and says why it ended. Throws nothing that a new link could mend.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using (_time.CreateTimer(_ => Tick(), null, ClockTick, ClockTick).ConfigureAwait(false))
        {
            Task sending = Task.Run(() => SendLoopAsync(ended.Token), CancellationToken.None);
            Task receiving = Task.Run(() => ReceiveLoopAsync(ended.Token), CancellationToken.None);
            Task first = await Task.WhenAny(sending, receiving).ConfigureAwait(false);

            // Why the other side closed may have come and not been read yet. Who ends itself waits for nothing.
            if (first == sending && first.IsFaulted && session.TakeAbort() is null)
                await Task.WhenAny(receiving, Task.Delay(LastWordTimeout, _time, ended.Token)).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
            if (!first.IsCompletedSuccessfully)
                link.Abort();
            await link.DisposeAsync().ConfigureAwait(false);
            if (stream == 0 || (first == sending && first.IsCompletedSuccessfully))
                session.ReportAbortCarried(); // before the receive loop is awaited, which may be what waits for this
            await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            session.CountLink(link);
            return _endReason ?? first.Exception?.InnerException?.Message ?? "it was closed";
        }
    }

    /// <summary>Sends what is due, the most urgent first.</summary>
    private async Task SendLoopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (session.TakeAbort() is { } abort)
            {
                await SendAsync(abort, cancellationToken).ConfigureAwait(false);
                return;
            }

            if (TakeMessage() is { } message)
            {
                await SendAsync(message, cancellationToken).ConfigureAwait(false);
            }
            else if (_peerAckSeen && session.Window.TryTake(stream, session.LinksUp) is { } chunk)
            {
                try
                {
                    long start = _time.GetTimestamp();
                    await SendAsync(chunk.Buffer.AsMemory(0, chunk.RecordLength), cancellationToken).ConfigureAwait(false);
                    session.ChunkSent?.Invoke((long)chunk.RecordLength * session.LinksUp, _time.GetElapsedTime(start));
                }
                finally
                {
                    session.Window.Release(chunk);
                }
            }
            else if (_heartbeatDue)
            {
                _heartbeatDue = false;
                await SendAsync(new byte[] { (byte)RecordType.Heartbeat }, cancellationToken).ConfigureAwait(false);
            }
            else if (session.ReportIdle(stream))
            {
                return;
            }
            else
            {
                await _work.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The ack or control message that is due; null when none is.</summary>
    private byte[]? TakeMessage()
    {
        long ackVersion = session.AckVersion;
        if (_ackVersionSent < 0 || (stream == 0 && ackVersion != _ackVersionSent))
        {
            _ackVersionSent = ackVersion;
            return session.MakeAck();
        }

        return _peerAckSeen && stream == 0 && session.Outbox.TryTakeUnsent(out OutgoingControl control)
            ? ControlEnvelope.Encode(control.Number, control.Message.Span)
            : null;
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> record, CancellationToken cancellationToken)
    {
        if (_scratch.Length < record.Length + RecordFormat.Overhead)
            _scratch = GC.AllocateUninitializedArray<byte>(Math.Max(session.ReceivePool.BufferLength, record.Length + RecordFormat.Overhead));
        return link.SendAsync(record, _scratch, cancellationToken);
    }

    private async Task ReceiveLoopAsync(CancellationToken cancellationToken)
    {
        BufferPool pool = session.ReceivePool;
        byte[] buffer = pool.Rent();
        try
        {
            while (true)
            {
                if (pool != session.ReceivePool)
                {
                    pool.Return(buffer);
                    pool = session.ReceivePool;
                    buffer = pool.Rent();
                }

                int length = await link.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
                ReceivedRecord record = Open(buffer.AsMemory(0, length));
                switch (record.Type)
                {
                    case RecordType.Chunk:
                        ChunkHeader header = ChunkHeader.Parse(record.Body.Span);
                        bool keep = session.TakeInChunk(stream, new IncomingChunk(header, record.Body[ChunkHeader.Length..], buffer, pool));
                        buffer = pool.Rent();
                        if (keep)
                            break;
                        _endReason = "the others were waiting for it";
                        link.Abort(); // not in order: what is on its way comes sooner over the others
                        return;
                    case RecordType.Control:
                        (long number, byte[] message) = ControlEnvelope.Decode(record.Body.Span);
                        session.Inbox.Add(number, message);
                        break;
                    case RecordType.Ack:
                        TakeInAck(AckState.Parse(record.Body.Span));
                        break;
                    case RecordType.Heartbeat:
                        break;
                    case RecordType.Abort:
                        session.TakeInAbort(AbortRecord.Parse(record.Body.Span));
                        return;
                }
            }
        }
        catch (P2PException e)
        {
            // The other side is to know that it is not the network that failed.
            await session.AbortAsync(e.Code, e.Message).ConfigureAwait(false);
            throw;
        }
        finally
        {
            pool.Return(buffer);
        }
    }

    private ReceivedRecord Open(Memory<byte> message)
    {
        try
        {
            return link.Open(message);
        }
        catch (RecordException)
        {
            session.CountIntegrityFailure();
            throw;
        }
    }

    private void TakeInAck(AckState ack)
    {
        if (session.Window.Acknowledge(ack) is var (bytes, elapsed))
            session.ChunksDelivered?.Invoke(bytes, elapsed);
        session.Outbox.Acknowledge(ack.NextControl);
        if (!_peerAckSeen)
        {
            if (stream == 0)
                session.Outbox.Rewind();
            _peerAckSeen = true;
            linkIsUp();
        }

        // An ack is for all links: it may end another's waiting for its part of the window.
        session.Wake();
    }

    private void Tick()
    {
        TimeSpan silence = session.Context.SilenceTimeout;
        TimeSpan heartbeat = TimeSpan.FromTicks(Math.Min(HeartbeatInterval.Ticks, silence.Ticks / 3));
        if (link.MeasureSilence() >= silence)
        {
            _endReason = $"nothing was heard for {silence.TotalSeconds:0} s";
            link.Abort();
        }
        else if (link.SinceSent >= heartbeat)
        {
            _heartbeatDue = true;
            Wake();
        }
    }
}
