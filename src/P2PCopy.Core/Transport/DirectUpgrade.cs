using System.Net.Security;
using System.Net.WebSockets;
using System.Text;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Transport;

/// <summary>
/// Opens a WebSocket (RFC 6455, section 4.1) without a proxy. <see cref="ProxiedUpgrade"/> could also do it, but loads the
/// whole HTTP client for one request: a fifth of the CPU time of a short transfer.
/// </summary>
internal static class DirectUpgrade
{
    private const int MaxHeadLength = 32 << 10;

    /// <summary>Connects and requests the upgrade.</summary>
    /// <param name="address">The whole address, <c>ws</c> or <c>wss</c>.</param>
    /// <param name="tls">For <c>wss</c>; null for <c>ws</c>.</param>
    /// <param name="token">The bearer token; null sends none.</param>
    /// <param name="dialer">Opens the TCP connection.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<UpgradeAnswer> ConnectAsync(
        Uri address, SslClientAuthenticationOptions? tls, string? token, TcpDialer dialer, CancellationToken cancellationToken)
    {
        Stream stream = await dialer.OpenAsync(RelayAddress.HostToDial(address), address.Port, cancellationToken).ConfigureAwait(false);
        try
        {
            if (tls is not null)
            {
                var secure = new SslStream(new TlsRecordStream(stream));
                stream = secure;
                tls.TargetHost = RelayAddress.HostWithoutZone(address);
                await secure.AuthenticateAsClientAsync(tls, cancellationToken).ConfigureAwait(false);
            }

            string key = UpgradeKey.New();
            await stream.WriteAsync(Request(address, key, token), cancellationToken).ConfigureAwait(false);
            ResponseHead head = await ReadHeadAsync(stream, cancellationToken).ConfigureAwait(false);
            if (head.Status != 101)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                return new UpgradeAnswer(head.Status, head.Header, null);
            }

            UpgradeKey.Check(head.Header, key);
            var network = new UpgradedStream(stream, head.Early);
            return new UpgradeAnswer(head.Status, head.Header, network.Open(head.Header), network);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static byte[] Request(Uri address, string key, string? token)
    {
        string authorization = token is { Length: > 0 } ? $"Authorization: Bearer {token}\r\n" : string.Empty;
        return Encoding.ASCII.GetBytes(
            $"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {RelayAddress.HostHeader(address)}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {RelayProtocol.SubProtocol}\r\n{authorization}\r\n");
    }

    private static async Task<ResponseHead> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaxHeadLength];
        int start = 0;
        int end = 0;
        while (true)
        {
            int length = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8);
            if (length >= 0)
            {
                int next = start + length + 4;
                ResponseHead head = ResponseHead.Parse(buffer.AsSpan(start, length), early: buffer.AsMemory(next, end - next));
                // An informational answer is followed by another one (RFC 9110, section 15.2).
                if (head.Status is >= 200 or 101)
                    return head;
                start = next;
                continue;
            }

            if (end == buffer.Length)
                throw new WebSocketException("The head of the answer is too long.");
            int count = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely, "The connection was closed before an answer arrived.");
            end += count;
            ResponseHead.CheckBegin(buffer.AsSpan(start, end - start));
        }
    }
}
