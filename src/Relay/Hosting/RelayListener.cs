using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using P2PCopy.Relay.Frames;
using P2PCopy.Relay.Http;
using P2PCopy.Relay.Limits;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Hosting;

/// <summary>One listening socket: accepts, takes the PROXY header, does TLS, and hands the stream to a connection.</summary>
internal sealed class RelayListener : IDisposable
{
    private static readonly TimeSpan s_pauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly RelayHub _hub;
    private readonly ListenAddress _address;
    private readonly Socket _socket;
    private readonly WatchedFile<SslStreamCertificateContext>? _certificate;
    private readonly OpenConnections _connections;
    private readonly bool _isMetrics;

    public RelayListener(RelayHub hub, ListenAddress address, WatchedFile<SslStreamCertificateContext>? certificate, OpenConnections connections, bool isMetrics)
    {
        _hub = hub;
        _address = address;
        _certificate = certificate;
        _connections = connections;
        _isMetrics = isMetrics;
        _socket = address.Listen();
        Address = ListenAddress.AddressOf(_socket, certificate is not null);
    }

    /// <summary>What a client on this machine dials.</summary>
    public Uri Address { get; }

    /// <summary>The endpoint that is bound.</summary>
    public System.Net.EndPoint? LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>Accepts until disposed.</summary>
    public async Task AcceptAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _socket.AcceptAsync(stopping).ConfigureAwait(false);
                Serve(socket, stopping);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (!stopping.IsCancellationRequested)
            {
                // Out of handles or memory, or the client was gone before it was accepted.
                _hub.Log.AcceptFailed(e);
                await Task.Delay(s_pauseAfterFailure, CancellationToken.None).ConfigureAwait(false);
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
        _address.CleanUp();
    }

    private void Serve(Socket socket, CancellationToken stopping)
    {
        PeerAddress peer = PeerAddress.Of(socket.RemoteEndPoint);
        if (_hub.Admission.Accept(peer) is not { } lease)
        {
            _hub.Metrics.Refused("dropped");
            socket.Dispose();
            return;
        }

        // Registered before the work starts, removed after it has ended.
        OpenConnections.Entry entry = _connections.Add(socket);
        _ = ServeAsync(socket, peer, entry, lease);
    }

    private async Task ServeAsync(Socket socket, PeerAddress peer, OpenConnections.Entry entry, Admission.Lease lease)
    {
        // Accepting goes on meanwhile: nothing here may run on its thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using (entry) // the last to go: whoever waits for it finds everything else given back
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
                PeerAddress client = await TakeProxyHeaderAsync(network, peer).ConfigureAwait(false);
                if (_certificate is null)
                    await RunAsync(network, client, entry).ConfigureAwait(false);
                else
                    await RunTlsAsync(network, client, entry).ConfigureAwait(false);
            }
            catch (Exception e) when (FrameSink.IsEnd(e) || e is AuthenticationException or InvalidDataException or EndOfStreamException)
            {
                _hub.Metrics.Refused(e is AuthenticationException ? "tls" : "broken");
            }
        }
    }

    private async Task<PeerAddress> TakeProxyHeaderAsync(Stream stream, PeerAddress peer)
    {
        if (!_hub.Options.ProxyProtocol || !_hub.Admission.TrustedProxies.Contains(peer))
            return peer;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(_hub.Options.HeadTimeoutSeconds), _hub.Clock);
        return await ProxyHeader.ReadAsync(stream, peer, limit.Token).ConfigureAwait(false);
    }

    private async Task RunTlsAsync(NetworkStream network, PeerAddress client, OpenConnections.Entry entry)
    {
        await using var tls = new ServerTlsStream(new TlsRecordStream(network));
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _certificate!.Value,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
        };
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(_hub.Options.TlsTimeoutSeconds), _hub.Clock))
            await tls.AuthenticateAsServerAsync(options, limit.Token).ConfigureAwait(false);
        await RunAsync(tls, client, entry).ConfigureAwait(false);
    }

    // A machine that loses its power says no goodbye. Its place is to be free again before the same side, started anew
    // with another member token, gives up asking for it: that is after half a minute.
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 2);
    }

    private Task RunAsync(Stream stream, PeerAddress client, OpenConnections.Entry entry)
        => new RelayConnection(_hub, client, entry.Abort, _isMetrics).RunAsync(stream, entry.Stopping);
}
