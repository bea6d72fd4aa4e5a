using System.Net;
using System.Net.Security;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Transport;

/// <summary>Opens a WebSocket through a proxy, with the HTTP client of .NET, which supports each kind of proxy and its authentication.</summary>
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
        string key = UpgradeKey.New();
        using HttpRequestMessage request = Request(address, key, token);
        HttpResponseMessage response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            string? Header(string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
            if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
            {
                response.Dispose();
                return new UpgradeAnswer((int)response.StatusCode, Header, null);
            }

            UpgradeKey.Check(Header, key);
            // ClientWebSocket would do the same, but it does not give the stream, on which a waiting member is probed.
            var network = new UpgradedStream(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), default);
            return new UpgradeAnswer(101, Header, network.Open(Header), network);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static HttpRequestMessage Request(Uri address, string key, string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", key);
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", RelayProtocol.SubProtocol);
        if (token is { Length: > 0 })
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        return request;
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
}
