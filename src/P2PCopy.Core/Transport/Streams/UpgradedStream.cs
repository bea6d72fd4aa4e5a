using System.Net.WebSockets;
using P2PCopy.Primitives;

namespace P2PCopy.Transport.Streams;

/// <summary>A connection after its upgrade: it returns first the bytes that arrived together with the answer.</summary>
internal sealed class UpgradedStream(Stream inner, ReadOnlyMemory<byte> early) : ForwardStream
{
    // An empty ping with a mask of zero (RFC 6455, section 5.5.2).
    private static readonly byte[] Ping = [0x89, 0x80, 0, 0, 0, 0];

    // Guards writes while the connection is probed, because the pings are not written by the WebSocket.
    private readonly SemaphoreSlim _writing = new(1);

    private ReadOnlyMemory<byte> _early = early;
    private TaskCompletionSource? _read;
    private Task _ping = Task.CompletedTask;
    private volatile bool _isProbed;

    public override bool CanRead => true;

    public override int Read(byte[] buffer, int offset, int count)
        => _early.IsEmpty ? inner.Read(buffer, offset, count) : TakeEarly(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_early.IsEmpty)
            return new ValueTask<int>(TakeEarly(buffer.Span));
        return _isProbed ? NotingReadAsync(buffer, cancellationToken) : inner.ReadAsync(buffer, cancellationToken);
    }

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        => _isProbed ? GuardedWriteAsync(buffer, cancellationToken) : inner.WriteAsync(buffer, cancellationToken);

    /// <summary>
    /// Whether data arrives within a time after a ping. Between <see cref="BeginProbes"/>
    /// and <see cref="EndProbes"/>, while the WebSocket receives: it handles the answer.
    /// </summary>
    /// <param name="timeout">The time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait, but not the sending of the ping.</param>
    public async Task<bool> ProbeAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _read = read;
        try
        {
            // A relay that reads nothing may let no ping be written, for example behind answers to its own pings.
            _ping = GuardedWriteAsync(Ping, CancellationToken.None).AsTask();
            await _ping.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            await read.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>The WebSocket on this connection.</summary>
    /// <param name="header">The first value of a header of the answer; null without it.</param>
    public WebSocket Open(Func<string, string?> header) => WebSocket.CreateFromStream(
        this,
        // The record layer has its own heartbeats: a relay would answer a ping although the peer is dead.
        new WebSocketCreationOptions { SubProtocol = header("Sec-WebSocket-Protocol"), KeepAliveInterval = TimeSpan.Zero });

    /// <summary>Begins the time of probes, before the WebSocket receives.</summary>
    public void BeginProbes() => _isProbed = true;

    /// <summary>Ends the time of probes. No probe may be running; a ping that is still being written stays guarded.</summary>
    public void EndProbes() => _isProbed = !_ping.IsCompleted;

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        // The semaphore has no handle to free, and a pending write may still release it.
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> NotingReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _read, null)?.TrySetResult();
        return count;
    }

    private async ValueTask GuardedWriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private int TakeEarly(Span<byte> buffer)
    {
        int count = Math.Min(_early.Length, buffer.Length);
        _early.Span[..count].CopyTo(buffer);
        _early = _early[count..];
        return count;
    }
}
