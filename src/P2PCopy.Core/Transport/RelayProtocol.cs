using System.Buffers;
using System.Net.WebSockets;

namespace P2PCopy.Transport;

/// <summary>What a client and a relay must agree on, each in one place (docs/protocol.md, section 2).</summary>
internal static class RelayProtocol
{
    /// <summary>The WebSocket subprotocol; without a version, so that two versions meet to tell each other so.</summary>
    public const string SubProtocol = "p2pcopy";

    /// <summary>The response header that carries the sentence of a refusal.</summary>
    public const string RefusedHeader = "P2PCopy-Refused";

    /// <summary>The header of the answer to an upgrade that carries the relay's version, for people.</summary>
    public const string VersionHeader = "P2PCopy-Version";

    /// <summary>The last parts of the path before the room.</summary>
    public const string RoomPath = "/p2p/";

    /// <summary>Characters of a room name.</summary>
    public const int RoomLength = 22;

    /// <summary>Hex digits of a member token.</summary>
    public const int MemberLength = 32;

    /// <summary>Closed because a newer connection of the same member took the place.</summary>
    public const WebSocketCloseStatus Replaced = (WebSocketCloseStatus)4000;

    /// <summary>Closed because nobody came within the relay's wait time.</summary>
    public const WebSocketCloseStatus WaitTimedOut = (WebSocketCloseStatus)4001;

    /// <summary>Closed because a limit of the relay was reached; the reason names it.</summary>
    public const WebSocketCloseStatus LimitReached = (WebSocketCloseStatus)4002;

    /// <summary>Closed because the relay stops; join again.</summary>
    public const WebSocketCloseStatus Draining = (WebSocketCloseStatus)4003;

    private static readonly SearchValues<char> s_base64Url =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Whether this is 22 base64url characters.</summary>
    public static bool IsRoom(ReadOnlySpan<char> room)
        => room.Length == RoomLength && !room.ContainsAnyExcept(s_base64Url);

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

    /// <summary>A sentence from the network as it may be shown: printable ASCII, at most 200 characters.</summary>
    public static string Printable(string? text)
        => string.Concat((text ?? string.Empty).Where(c => c is >= ' ' and <= '~').Take(200)).Trim();
}
