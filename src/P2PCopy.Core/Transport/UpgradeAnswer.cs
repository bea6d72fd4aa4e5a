using System.Net.WebSockets;

namespace P2PCopy.Transport;

/// <summary>What came back when a relay was asked for a WebSocket.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Header">The first value of a header; null without it.</param>
/// <param name="Socket">The connection; null with any status but 101.</param>
/// <param name="Cause">The exception that says so, if there was one.</param>
internal sealed record UpgradeAnswer(int Status, Func<string, string?> Header, WebSocket? Socket, Exception? Cause = null);
