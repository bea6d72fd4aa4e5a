using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Transport;

/// <summary>Opens a WebSocket through a proxy, with .NET's HTTP client: it supports each kind of proxy and its ways to log in.</summary>
internal static class ProxiedUpgrade
{
    /// <summary>Connects and requests the upgrade.</summary>
    /// <param name="address">The whole address, <c>ws</c> or <c>wss</c>.</param>
    /// <param name="tls">For <c>wss</c>, and for a proxy that uses TLS.</param>
    /// <param name="token">The bearer token; null sends none.</param>
    /// <param name="proxy">The proxy.</param>
    /// <param name="dialer">Opens the TCP connection.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<UpgradeAnswer> ConnectAsync(
        Uri address, SslClientAuthenticationOptions tls, string? token, IWebProxy proxy, TcpDialer dialer, CancellationToken cancellationToken)
    {
        using SocketsHttpHandler handler = CreateHandler(tls, proxy, dialer);
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(RelayProtocol.SubProtocol);
        // The record layer has its own heartbeats: a relay would answer a ping although the peer is dead.
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        if (token is { Length: > 0 })
            socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        try
        {
            await socket.ConnectAsync(address, invoker, cancellationToken).ConfigureAwait(false);
            return new UpgradeAnswer(101, name => Header(socket, name), socket);
        }
        catch (WebSocketException e) when ((int)socket.HttpStatusCode is not 0 and not 101)
        {
            socket.Dispose();
            return new UpgradeAnswer((int)socket.HttpStatusCode, name => Header(socket, name), null, Cause: e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SocketsHttpHandler CreateHandler(SslClientAuthenticationOptions tls, IWebProxy proxy, TcpDialer dialer) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        SslOptions = tls,
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        Proxy = proxy,
        ConnectCallback = async (context, cancellationToken) =>
        {
            DnsEndPoint host = context.DnsEndPoint;
            Stream network = await dialer.OpenAsync(host.Host, host.Port, cancellationToken).ConfigureAwait(false);
            return context.InitialRequestMessage.RequestUri!.Scheme is "wss" or "https" ? new TlsRecordStream(network) : network;
        },
    };

    private static string? Header(ClientWebSocket socket, string name)
        => socket.HttpResponseHeaders is { } headers && headers.TryGetValue(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}
