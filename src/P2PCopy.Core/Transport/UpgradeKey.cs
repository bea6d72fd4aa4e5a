using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using P2PCopy.Primitives;

namespace P2PCopy.Transport;

/// <summary>The key of a request for a WebSocket, and the check of the answer to it (RFC 6455, section 4.1).</summary>
internal static class UpgradeKey
{
    // Section 1.3.
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static string New() => Convert.ToBase64String(RandomSource.Bytes(16));

    /// <summary>Checks an answer with status 101.</summary>
    /// <param name="header">The first value of a header; null without it.</param>
    /// <param name="key">The key of the request.</param>
    /// <exception cref="WebSocketException">The answer does not accept this request.</exception>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 requires SHA-1; no security depends on it.")]
    public static void Check(Func<string, string?> header, string key)
    {
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
        if (header("Sec-WebSocket-Accept") != accept
            || !IsOne(header("Upgrade"), "websocket")
            || !(header("Connection") ?? string.Empty).Split(',').Any(v => IsOne(v.Trim(), "upgrade")))
        {
            throw new WebSocketException("The answer is not a WebSocket handshake.");
        }

        if (header("Sec-WebSocket-Protocol") is { } protocol && !IsOne(protocol, RelayProtocol.SubProtocol))
            throw new WebSocketException(WebSocketError.UnsupportedProtocol, "The answer is for another protocol.");

        static bool IsOne(string? value, string expected) => expected.Equals(value, StringComparison.OrdinalIgnoreCase);
    }
}
