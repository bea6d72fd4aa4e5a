using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Transport;

namespace P2PCopy.Relay.Http;

/// <summary>The HTTP answers of a relay.</summary>
internal static class HttpReply
{
    private static readonly string VersionHeader = typeof(HttpReply).Assembly.GetName().Version!.ToString(3);

    /// <summary>The answer to a valid upgrade (RFC 6455, section 4.2.2), followed by a first frame.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 requires SHA-1; no security depends on it.")]
    public static byte[] Upgrade(string key, ReadOnlySpan<byte> firstFrame)
    {
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        byte[] head = Encoding.ASCII.GetBytes(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {RelayProtocol.SubProtocol}\r\n{RelayProtocol.VersionHeader}: {VersionHeader}\r\n\r\n");
        return [.. head, .. firstFrame];
    }

    /// <summary>A refusal. The header has the sentence for clients, which have advice of their own; the body also has the advice.</summary>
    public static byte[] Refuse(Refusal refusal)
    {
        var extra = new StringBuilder($"{RelayProtocol.RefusedHeader}: {refusal.Sentence}\r\n");
        if (refusal.RetryAfterSeconds > 0)
            extra.Append(CultureInfo.InvariantCulture, $"Retry-After: {refusal.RetryAfterSeconds}\r\n");
        if (refusal.Status == 401)
            extra.Append("WWW-Authenticate: Bearer\r\n");
        if (refusal.Status == 405)
            extra.Append("Allow: GET\r\n");
        if (refusal.Status == 426)
            extra.Append("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
        return Text(refusal.Status, refusal.ReasonPhrase, $"{refusal.Sentence} {refusal.Advice}\n", extra.ToString());
    }

    /// <summary>A successful answer with a text.</summary>
    public static byte[] Ok(string body) => Text(200, "OK", body, string.Empty);

    private static byte[] Text(int status, string phrase, string body, string extraHeaders)
        => Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {phrase}\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Length: {body.Length}\r\nConnection: close\r\nCache-Control: no-store\r\n{extraHeaders}\r\n{body}"));
}
