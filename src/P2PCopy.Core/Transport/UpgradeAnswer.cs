using System.Net.WebSockets;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Transport;

/// <summary>The answer to a request for a WebSocket.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Header">The first value of a header; null without it.</param>
/// <param name="Socket">The connection; null with any status but 101.</param>
/// <param name="Network">The stream below the connection, to probe it; null with any status but 101.</param>
internal sealed record UpgradeAnswer(int Status, Func<string, string?> Header, WebSocket? Socket, UpgradedStream? Network = null);
