using P2PCopy.Primitives;
using P2PCopy.Session.Crypto;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Messages;
using P2PCopy.Transport;

namespace P2PCopy.Session.Links;

/// <summary>
/// Runs one link of a session until it ends: a loop that sends the most urgent record and a loop that distributes
/// received records. The receive loop never waits for disks or the engine, so a silent link means a silent peer.
/// </summary>
internal sealed class LinkRunner(PeerSession session, SecureLink link, int connection, Action linkIsUp)
{
    /// <summary>The longest time without sending on the only connection.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>The same for each of several connections, see <see cref="SilenceWatch"/>.</summary>
    private static readonly TimeSpan FastHeartbeat = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a link that can no longer send waits for the other side's abort record.</summary>
    private static readonly TimeSpan AbortWait = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = session.Context.TimeProvider;
    private readonly AsyncSignal _work = new();
    private byte[] _scratch = [];
    private long _ackVersionSent = -1;
    private long _bytesHeard;
    private volatile bool _isUp;
    private volatile bool _ackDue;
    private volatile bool _heartbeatDue;
    private volatile string? _endReason;

    /// <summary>The other side's first ack has arrived, so it is known which records to send.</summary>
    public bool IsUp => _isUp;

    /// <summary>Wakes the send loop, because there may be something to send.</summary>
    public void Wake() => _work.Set();

    /// <summary>Ends the link; <see cref="RunAsync"/> returns this reason.</summary>
    public void GiveUp(string reason)
    {
        _endReason ??= reason;
        link.Abort();
    }

    /// <summary>Runs the link to its end. Recoverable failures are returned, not thrown.</summary>
    public async Task<LinkLoss> RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        session.End.BeginSending();
        Task sending = Work.Run(() => SendLoopAsync(ended.Token), CancellationToken.None);
        Task receiving = Work.Run(() => ReceiveLoopAsync(ended.Token), CancellationToken.None);
        Task first = await Task.WhenAny(sending, receiving).ConfigureAwait(false);

        // The other side's abort record may have arrived and not been read yet.
        if (first == sending && first.IsFaulted && session.End.State != SessionState.Aborting)
            await Task.WhenAny(receiving, Task.Delay(AbortWait, _time, ended.Token)).ConfigureAwait(false);
        if (connection == 0 && session.Direct.Remote(0) is not null)
            link.LeaveWith(RelayProtocol.DirectReason);
        if (P2PException.IsOutOfMemory(first.Exception))
            await session.AbortAsync(P2PErrorCode.Failure, P2PException.NoMemory, P2PException.Of(first.Exception!)).ConfigureAwait(false); // a new link would end in the same way
        if (!first.IsCompletedSuccessfully)
            link.Abort();
        else if (first == sending)
            await link.DisposeAsync().ConfigureAwait(false); // a cancelled receive would reset the connection before its close frame
        await ended.CancelAsync().ConfigureAwait(false);
        await link.DisposeAsync().ConfigureAwait(false);

        session.End.EndSending(first == sending && first.IsCompletedSuccessfully); // before the receive loop is awaited: it may be the caller that waits for this
        await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        session.CountLink(link, connection);
        Exception? cause = first.Exception?.InnerException;
        return new LinkLoss(_endReason ?? cause?.Message.TrimEnd('.') ?? "it was closed", cause);
    }

    /// <summary>To be called every quarter of a second.</summary>
    /// <param name="links">Links of the session that are up.</param>
    /// <returns>Whether data has arrived since the last call.</returns>
    public bool Tick(int links)
    {
        TimeSpan silenceTimeout = session.Context.SilenceTimeout;
        TimeSpan heartbeat = links > 1 ? FastHeartbeat : TimeSpan.FromTicks(Math.Min(Heartbeat.Ticks, silenceTimeout.Ticks / 3));
        if (link.MeasureSilence() >= silenceTimeout)
            GiveUp($"no data arrived for {silenceTimeout.TotalSeconds:0} s");
        if (link.SinceSent >= heartbeat)
            _heartbeatDue = true;
        if (_ackVersionSent != session.AckVersion)
            _ackDue = true;
        if (_heartbeatDue || _ackDue)
            Wake();
        return Interlocked.Exchange(ref _bytesHeard, link.BytesHeard) != link.BytesHeard;
    }

    private async Task SendLoopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (session.End.AbortRecord is { } abort)
            {
                await SendAsync(abort, cancellationToken).ConfigureAwait(false);
                return;
            }

            if (TakeMessage() is { } message)
            {
                await SendAsync(message, cancellationToken).ConfigureAwait(false);
            }
            else if (_isUp && session.Paths.Carries(connection) && session.Window.TryTake(connection, session.Paths.Shares) is { } chunk)
            {
                try
                {
                    long start = _time.GetTimestamp();
                    await SendAsync(chunk.Buffer.AsMemory(0, chunk.RecordLength), cancellationToken).ConfigureAwait(false);
                    session.ChunkSent?.Invoke((long)chunk.RecordLength * session.Paths.Links, _time.GetElapsedTime(start));
                }
                finally
                {
                    session.Window.Release(chunk, connection);
                }
            }
            else if (_heartbeatDue)
            {
                _heartbeatDue = false;
                await SendAsync(new byte[] { (byte)RecordType.Heartbeat }, cancellationToken).ConfigureAwait(false);
            }
            else if (session.IsAllDelivered)
            {
                return;
            }
            else
            {
                await _work.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The ack or control message that is due; null if none is due.</summary>
    private byte[]? TakeMessage()
    {
        bool isMessenger = session.IsMessenger(connection);
        long ackVersion = session.AckVersion;

        // Acks go at once over one connection and with the next tick over the others, so that a silent one loses none.
        if (ackVersion != _ackVersionSent && (isMessenger || _ackDue || _ackVersionSent < 0 || session.IsAllDelivered))
        {
            _ackDue = false;
            _heartbeatDue = false;
            _ackVersionSent = ackVersion;
            return session.MakeAck();
        }

        return isMessenger && session.Outbox.TryTakeUnsent(connection, out OutgoingControl control)
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
                        session.AddChunk(new IncomingChunk(header, record.Body.Slice(ChunkHeader.Length, header.PayloadLength), buffer, pool));
                        session.Paths.Arrived(connection, header.Number);
                        buffer = pool.Rent();
                        break;
                    case RecordType.Control:
                        (long number, byte[] message) = ControlEnvelope.Decode(record.Body.Span);
                        session.Inbox.Add(number, message);
                        break;
                    case RecordType.Ack:
                        Acknowledge(AckState.Parse(record.Body.Span));
                        break;
                    case RecordType.Heartbeat:
                        break;
                    case RecordType.Abort:
                        session.EndedByPeer(AbortRecord.Parse(record.Body.Span));
                        return;
                }
            }
        }
        catch (P2PException e)
        {
            // The other side learns that the network is not the cause.
            await session.AbortAsync(e.Code, e.Message, e).ConfigureAwait(false);
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
        catch (RecordException e)
        {
            session.CountIntegrityFailure(e);
            throw;
        }
    }

    private void Acknowledge(AckState ack)
    {
        if (session.Window.Acknowledge(ack) is var (bytes, elapsed))
            session.ChunksDelivered?.Invoke(bytes, elapsed);
        session.Outbox.Acknowledge(ack.NextControl);
        if (!_isUp)
        {
            _isUp = true;
            linkIsUp();
        }

        // The ack may have made space in the window for any link, so every link is woken.
        session.Wake();
    }
}
