using System.Net;
using System.Net.Security;
using System.Net.WebSockets;

namespace P2PCopy.Transport;

/// <summary>Opens a WebSocket through whatever proxy .NET's HTTP client can: with its ways to log in, and the system's settings.</summary>
internal sealed class ProxiedUpgrade(RelayConnectorOptions options)
{
    /// <summary>Whether a proxy lies on the way.</summary>
    public bool IsNeeded(Uri address)
    {
        if (options.Proxy is not null)
            return true;
        // A proxy elsewhere cannot reach this machine's own loopback, where an embedded relay is dialled.
        if (address.IsLoopback)
            return false;
        return HttpClient.DefaultProxy is { } system && !system.IsBypassed(address) && system.GetProxy(address) is not null;
    }

    /// <summary>Connects, and asks for the upgrade.</summary>
    /// <param name="address">The whole address, <c>ws</c> or <c>wss</c>.</param>
    /// <param name="tls">For <c>wss</c>, and for a proxy that speaks TLS.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<UpgradeAnswer> ConnectAsync(Uri address, SslClientAuthenticationOptions tls, CancellationToken cancellationToken)
    {
        using SocketsHttpHandler handler = CreateHandler(tls);
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(RelayProtocol.SubProtocol);
        // The record layer has heartbeats of its own: a relay would answer a ping for a peer that is dead.
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        if (options.Token is { Length: > 0 } token)
            socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        try
        {
            await socket.ConnectAsync(address, invoker, cancellationToken).ConfigureAwait(false);
            return new UpgradeAnswer(101, name => Header(socket, name), socket);
        }
        catch (WebSocketException e) when ((int)socket.HttpStatusCode is not 0 and not 101)
        {
            socket.Dispose();
            return new UpgradeAnswer((int)socket.HttpStatusCode, name => Header(socket, name), null, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SocketsHttpHandler CreateHandler(SslClientAuthenticationOptions tls)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = tls,
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            DefaultProxyCredentials = options.ProxyCredential,
            ConnectCallback = static async (context, cancellationToken) =>
            {
                Stream network = await TcpConnection.OpenAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
                return context.InitialRequestMessage.RequestUri!.Scheme is "wss" or "https" ? new TlsRecordStream(network) : network;
            },
        };
        if (options.Proxy is { } proxy)
            handler.Proxy = new WebProxy(proxy) { Credentials = options.ProxyCredential };
        return handler;
    }

    private static string? Header(ClientWebSocket socket, string name)
        => socket.HttpResponseHeaders is { } headers && headers.TryGetValue(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}
