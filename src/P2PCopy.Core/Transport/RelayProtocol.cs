using System.Buffers;
using System.Net.WebSockets;
using P2PCopy.Primitives;

namespace P2PCopy.Transport;

/// <summary>The constants that a client and a relay share (docs/protocol.md, section 2).</summary>
internal static class RelayProtocol
{
    /// <summary>The WebSocket subprotocol. It has no version, so that two versions can meet and report the difference.</summary>
    public const string SubProtocol = "p2pcopy";

    /// <summary>The response header with the sentence of a refusal.</summary>
    public const string RefusedHeader = "P2PCopy-Refused";

    /// <summary>The header of the answer to an upgrade with the version of the relay; informational.</summary>
    public const string VersionHeader = "P2PCopy-Version";

    /// <summary>The reason with which a client closes after a session that had a direct connection; the relay counts these.</summary>
    public const string DirectReason = "direct";

    /// <summary>The last parts of the path before the room.</summary>
    public const string RoomPath = "/p2p/";

    /// <summary>Characters of a room name.</summary>
    public const int RoomLength = 22;

    /// <summary>Hex digits of a member token.</summary>
    public const int MemberLength = 32;

    /// <summary>Closed because a newer connection of the same member took the place.</summary>
    public const WebSocketCloseStatus Replaced = (WebSocketCloseStatus)4000;

    /// <summary>Closed because the other side did not join within the relay's wait time.</summary>
    public const WebSocketCloseStatus WaitTimedOut = (WebSocketCloseStatus)4001;

    /// <summary>Closed because a limit of the relay was reached; the reason names it.</summary>
    public const WebSocketCloseStatus LimitReached = (WebSocketCloseStatus)4002;

    /// <summary>Closed because the relay stops. Join again.</summary>
    public const WebSocketCloseStatus Draining = (WebSocketCloseStatus)4003;

    private static readonly SearchValues<char> Base64Url =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Whether this is 22 base64url characters.</summary>
    public static bool IsRoom(ReadOnlySpan<char> room)
        => room.Length == RoomLength && !room.ContainsAnyExcept(Base64Url);

    /// <summary>Whether this is 32 hex digits.</summary>
    public static bool IsMember(ReadOnlySpan<char> member)
    {
        if (member.Length != MemberLength)
            return false;
        foreach (char c in member)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }

        return true;
    }

    /// <summary>
    /// A sentence from the network in one visible line of at most 200 characters. It cannot name options in the form of this side's own
    /// advice, which is in backticks.
    /// </summary>
    public static string Printable(string? text) => VisibleText.Of((text ?? string.Empty).Trim(), limit: 200).Replace('`', '\'');
}
