using System.Net.Sockets;
using P2PCopy.Relay.Http;

namespace P2PCopy.Relay.Hosting;

/// <summary>
/// One handle that is kept free for the moment when the process has no more handles. Without it the relay could not even accept a
/// connection to refuse it, and clients would wait without an answer. Safe to use from any thread.
/// </summary>
internal sealed class HandleReserve(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Politeness = TimeSpan.FromMilliseconds(500);

    private static readonly byte[] RefusalReply = HttpReply.Refuse(
        new Refusal(503, "handles", "This relay has as many open connections as its system allows.", Refusal.ComeLater, 5));

    private readonly Lock _lock = new();
    private Socket? _reserved = TryReserve();
    private bool _disposed;

    /// <summary>Gives the handle up, so that one more connection can be accepted; false if it is already given up.</summary>
    public bool Release()
    {
        lock (_lock)
        {
            if (_reserved is null)
                return false;
            _reserved.Dispose();
            _reserved = null;
            return true;
        }
    }

    /// <summary>Reserves a handle again; false while there is none.</summary>
    public bool Restore()
    {
        lock (_lock)
            return !_disposed && (_reserved ??= TryReserve()) is not null;
    }

    /// <summary>
    /// Refuses a connection that was accepted with the last handle. Accepting must not wait for it, because the client may be silent.
    /// </summary>
    /// <param name="socket">The connection; closed here.</param>
    /// <param name="secure">Whether the client expects TLS, in which a refusal would cost more than there is.</param>
    public async Task RefuseAsync(Socket socket, bool secure)
    {
        using (socket)
        using (var limit = new CancellationTokenSource(Politeness, clock))
        {
            try
            {
                if (!secure)
                {
                    byte[] scratch = new byte[1024];
                    await socket.ReceiveAsync(scratch, limit.Token).ConfigureAwait(false);
                    await socket.SendAsync(RefusalReply, limit.Token).ConfigureAwait(false);
                    socket.Shutdown(SocketShutdown.Send);
                    await socket.ReceiveAsync(scratch, limit.Token).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The client does not wait for its answer.
            }
        }

        Restore();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _reserved?.Dispose();
            _reserved = null;
        }
    }

    private static Socket? TryReserve()
    {
        try
        {
            return new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
