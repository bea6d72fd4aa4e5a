using System.Net.Security;
using System.Net.Sockets;
using P2PCopy.Relay.Frames;
using P2PCopy.Relay.Http;
using P2PCopy.Relay.Limits;
using P2PCopy.Relay.Options;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Relay.Hosting;

/// <summary>One listening socket: accepts, reads the PROXY header, performs TLS, and passes the stream to a connection.</summary>
internal sealed class RelayListener : IDisposable
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly RelayHub _hub;
    private readonly ListenSocket _socket;
    private readonly WatchedFile<ServerCertificate>? _certificate;
    private readonly OpenConnections _connections;
    private readonly bool _isMetrics;
    private readonly HandleReserve _reserve;

    public RelayListener(RelayHub hub, ListenSocket socket, WatchedFile<ServerCertificate>? certificate, OpenConnections connections, bool isMetrics)
    {
        _hub = hub;
        _socket = socket;
        _certificate = certificate;
        _connections = connections;
        _isMetrics = isMetrics;
        _reserve = new HandleReserve(hub.Clock);
        Address = ListenAddress.AddressOf(socket.Socket, certificate is not null);
    }

    /// <summary>The address for clients on this machine.</summary>
    public Uri Address { get; }

    /// <summary>The endpoint that is bound.</summary>
    public System.Net.EndPoint? LocalEndPoint => _socket.Socket.LocalEndPoint;

    /// <inheritdoc cref="ListenSocket.OutlivesProcess"/>
    public bool OutlivesProcess => _socket.OutlivesProcess;

    /// <summary>Accepts until disposed.</summary>
    public async Task AcceptAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _socket.Socket.AcceptAsync(stopping).ConfigureAwait(false);
                if (_reserve.Restore())
                {
                    Serve(socket);
                }
                else
                {
                    _hub.Counters.Refused("handles");
                    _ = RefuseAsync(socket);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (!stopping.IsCancellationRequested)
            {
                // Too few handles or too little memory, or the client closed before it was accepted.
                _hub.Events.AcceptFailed(e.Message);
                if (e.SocketErrorCode != SocketError.TooManyOpenSockets || !_reserve.Release())
                    await Task.Delay(PauseAfterFailure, _hub.Clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _reserve.Dispose();
    }

    private async Task RefuseAsync(Socket socket)
    {
        using OpenConnections.Entry entry = _connections.Add(socket);
        await _reserve.RefuseAsync(socket, _certificate is not null).ConfigureAwait(false);
    }

    private void Serve(Socket socket)
    {
        int port = (socket.RemoteEndPoint as System.Net.IPEndPoint)?.Port ?? 0;
        var peer = new ClientOrigin(PeerAddress.Of(socket.RemoteEndPoint), MayForward: true, port);
        if (_hub.Admission.Accept(peer.Peer) is not { } lease)
        {
            _hub.Counters.Refused("dropped");
            socket.Dispose();
            return;
        }

        // Registered before the work starts, removed after it has ended.
        OpenConnections.Entry entry = _connections.Add(socket);
        _ = ServeAsync(socket, peer, entry, lease);
    }

    private async Task ServeAsync(Socket socket, ClientOrigin peer, OpenConnections.Entry entry, ConnectionCounts.Lease lease)
    {
        // The accept loop continues meanwhile, so nothing here may run on its thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using (entry) // disposed last: a stop that waits for it finds everything else released
        using (lease)
        using (socket)
        {
            try
            {
                if (socket.AddressFamily != AddressFamily.Unix)
                {
                    socket.NoDelay = true;
                    UnsentLimit.Set(socket);
                    KeepAlive(socket);
                }

                await using var network = new NetworkStream(socket, ownsSocket: false);
                if (await ReadOriginAsync(network, peer, lease).ConfigureAwait(false) is not { } origin)
                    _hub.Counters.Refused("dropped");
                else if (_certificate is null)
                    await RunAsync(network, origin, entry, lease).ConfigureAwait(false);
                else
                    await RunTlsAsync(network, origin, entry, lease).ConfigureAwait(false);
            }
            catch (Exception e) when (FrameSink.IsEnd(e) || e is InvalidDataException)
            {
                _hub.Counters.Refused("broken");
            }
            catch (Exception e)
            {
                // Only this connection ends.
                _hub.Counters.Refused("internal");
                _hub.Events.Add(new RelayEvent.Failed($"{e.GetType().Name}: {e.Message}"));
            }
        }
    }

    /// <summary>Reads the PROXY header, if there must be one; null if the client that it names has too many connections.</summary>
    private async Task<ClientOrigin?> ReadOriginAsync(Stream stream, ClientOrigin peer, ConnectionCounts.Lease lease)
    {
        if (!_hub.Options.ProxyProtocol || !_hub.Admission.TrustedProxies.Contains(peer.Peer))
            return peer;
        using var limit = new CancellationTokenSource(_hub.Options.HeadTimeout, _hub.Clock);
        // A proxy whose header names no client, as for its health check, forwards bytes unchanged like any other.
        ClientOrigin client = await ProxyHeader.ReadAsync(stream, peer with { MayForward = false, Port = 0 }, limit.Token).ConfigureAwait(false);
        return _hub.Admission.Identify(client.Peer, lease) ? client : null;
    }

    private async Task RunTlsAsync(NetworkStream network, ClientOrigin origin, OpenConnections.Entry entry, ConnectionCounts.Lease lease)
    {
        await using var tls = new ServerTlsStream(new TlsRecordStream(network));
        try
        {
            var options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _certificate!.Value.Context,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                AllowRenegotiation = false,
            };
            using var limit = new CancellationTokenSource(_hub.Options.TlsTimeout, _hub.Clock);
            await tls.AuthenticateAsServerAsync(options, limit.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            _hub.Counters.HandshakeFailed();
            return;
        }

        await RunAsync(tls, origin, entry, lease).ConfigureAwait(false);
    }

    // A machine that loses power does not close its connection. Its place must be free again before the same side, restarted with
    // another member token, stops trying to get it after half a minute.
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 2);
    }

    private Task RunAsync(Stream stream, ClientOrigin origin, OpenConnections.Entry entry, ConnectionCounts.Lease lease)
        => new RelayConnection(_hub, origin, lease, entry.Abort, _isMetrics).RunAsync(stream, entry.Stopping);
}
