using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Frames;

/// <summary>
/// The outgoing half of a connection: the partner's data, hints, pongs and the close frame, one write at a time. A failed write
/// does not end the connection; its reader notices the end. Safe to use from any thread.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose handle is not used needs no disposal.")]
internal sealed class FrameSink(Stream stream, TimeProvider clock)
{
    // Held from the beginning until the answer to the upgrade is written, so no frame precedes it.
    private readonly SemaphoreSlim _turn = new(0, 1);

    // A message is written in part: only control frames and its continuation may follow.
    private bool _insideMessage;

    // A hint that waits for the end of the message.
    private byte[]? _pendingHint;

    private bool _closed;

    // When the write in progress began; 0 when none is.
    private long _writingSince;

    /// <summary>Whether a hint waits for the end of a message.</summary>
    public bool HasPendingHint => Volatile.Read(ref _pendingHint) is not null;

    /// <summary>Whether a write is in progress.</summary>
    public bool IsWriting => Volatile.Read(ref _writingSince) != 0;

    /// <summary>How long the write in progress has taken; zero without one.</summary>
    public TimeSpan Stalled => Volatile.Read(ref _writingSince) is var since and not 0 ? clock.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Writes the answer to the upgrade. All other writes wait for it.</summary>
    public async ValueTask OpenAsync(ReadOnlyMemory<byte> answer)
    {
        try
        {
            await WriteNowAsync(answer).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Writes whole frames of the partner.</summary>
    /// <param name="frames">Encoded frames.</param>
    /// <param name="endsInsideMessage">Whether the last message is not complete.</param>
    /// <returns>False when the connection accepts no more data.</returns>
    public async ValueTask<bool> WriteDataAsync(ReadOnlyMemory<byte> frames, bool endsInsideMessage)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_closed)
                return false;
            _insideMessage = endsInsideMessage;
            await WriteNowAsync(frames).ConfigureAwait(false);
            if (!endsInsideMessage && Interlocked.Exchange(ref _pendingHint, null) is { } hint)
                await WriteNowAsync(hint).ConfigureAwait(false);

            return true;
        }
        catch (Exception e) when (IsEnd(e))
        {
            _closed = true;
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends a hint, now or when the message in progress is complete.</summary>
    public ValueTask HintAsync(RelayHint hint) => WriteControlAsync(() =>
    {
        byte[] frame = HintFrame(hint);
        if (!_insideMessage)
            return frame;
        Volatile.Write(ref _pendingHint, frame);
        return default;
    });

    /// <summary>Answers a ping.</summary>
    public ValueTask PongAsync(ReadOnlySpan<byte> payload)
    {
        byte[] frame = FrameFormat.Frame(FrameFormat.Pong, payload);
        return WriteControlAsync(() => frame);
    }

    /// <summary>Sends a last hint if no message is in progress, then the close frame, and accepts no more data.</summary>
    public ValueTask CloseAsync(WebSocketCloseStatus status, string reason, RelayHint? last = null) => WriteControlAsync(() =>
    {
        _closed = true;
        byte[] close = FrameFormat.CloseFrame(status, reason);
        return last is { } hint && !_insideMessage ? [.. HintFrame(hint), .. close] : close;
    });

    /// <summary>The frame of a hint.</summary>
    public static byte[] HintFrame(RelayHint hint) => FrameFormat.Frame(FrameFormat.Text, hint.Encode());

    /// <summary>The frame of the first hint of a connection.</summary>
    public static byte[] FirstHintFrame(RelayHint hint) => FrameFormat.Frame(FrameFormat.Text, hint.EncodeFirst());

    /// <summary>Whether this exception means that the connection has ended.</summary>
    public static bool IsEnd(Exception e)
        => e is IOException or ObjectDisposedException or System.Net.Sockets.SocketException or InvalidOperationException or OperationCanceledException;

    private async ValueTask WriteControlAsync(Func<ReadOnlyMemory<byte>> frame)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_closed)
                return;
            ReadOnlyMemory<byte> bytes = frame();
            if (!bytes.IsEmpty)
                await WriteNowAsync(bytes).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e))
        {
            _closed = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask WriteNowAsync(ReadOnlyMemory<byte> bytes)
    {
        Volatile.Write(ref _writingSince, Math.Max(1, clock.GetTimestamp()));
        try
        {
            await stream.WriteAsync(bytes).ConfigureAwait(false);
            await stream.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
        }
    }
}
