using P2PCopy.Transport;

namespace P2PCopy.Relay.Http;

/// <summary>A valid request to join a room.</summary>
/// <param name="Room">22 base64url characters.</param>
/// <param name="Role">Sender or receiver.</param>
/// <param name="Member">The member token, in lower case.</param>
/// <param name="Key">The key of the WebSocket handshake.</param>
/// <param name="Token">The bearer token; null without one.</param>
internal sealed record JoinRequest(string Room, PeerRole Role, string Member, string Key, string? Token)
{
    private const int KeyBytes = 16;
    private const string Bearer = "Bearer ";

    private const int ShownOfRoom = 4;

    /// <summary>The part of the room that a log may contain.</summary>
    public string ShownRoom => Room[..ShownOfRoom];

    /// <summary>Whether this path names a room, with or without a prefix of a proxy.</summary>
    public static bool IsRoomPath(string path) => path.LastIndexOf(RelayProtocol.RoomPath, StringComparison.Ordinal) is >= 0 and var at
        && !path.AsSpan(at + RelayProtocol.RoomPath.Length).Contains('/');

    /// <summary>Reads a join from a request (docs/protocol.md, section 2).</summary>
    public static JoinRequest? Parse(RequestHead head, out Refusal? refusal)
    {
        refusal = Check(head);
        if (refusal is not null)
            return null;

        string? authorization = head.Single("Authorization");
        string? token = authorization is not null && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[Bearer.Length..].Trim()
            : null;
        return new JoinRequest(
            RoomOf(head),
            head.Parameter("role") == "send" ? PeerRole.Send : PeerRole.Receive,
            head.Parameter("member")!.ToLowerInvariant(),
            head.Single("Sec-WebSocket-Key")!,
            token);
    }

    /// <summary>The join without its secrets.</summary>
    public override string ToString() => $"{nameof(JoinRequest)} {{ Room = {ShownRoom}…, Role = {Role} }}";

    private static Refusal? Check(RequestHead head)
    {
        if (!head.Lists("Connection", "upgrade") || !head.Lists("Upgrade", "websocket") || head.Single("Sec-WebSocket-Version") != "13")
            return Refusal.NotAnUpgrade;
        if (!RelayProtocol.IsRoom(RoomOf(head)))
            return Refusal.Malformed("A room is 22 base64url characters.");
        if (head.Parameter("role") is not ("send" or "receive"))
            return Refusal.Malformed("The role must be send or receive, once.");
        if (!RelayProtocol.IsMember(head.Parameter("member")))
            return Refusal.Malformed("The member must be 32 hex digits, once.");
        Span<byte> key = stackalloc byte[KeyBytes];
        if (!Convert.TryFromBase64String(head.Single("Sec-WebSocket-Key") ?? string.Empty, key, out int length) || length != KeyBytes)
            return Refusal.Malformed("Sec-WebSocket-Key must be 16 bytes in base64.");
        return head.List("Sec-WebSocket-Protocol").Contains(RelayProtocol.SubProtocol, StringComparer.Ordinal)
            ? null
            : Refusal.Malformed($"The client does not speak the subprotocol {RelayProtocol.SubProtocol}.", "Update the client or the relay, whichever is older.");
    }

    private static string RoomOf(RequestHead head)
        => head.Path[(head.Path.LastIndexOf(RelayProtocol.RoomPath, StringComparison.Ordinal) + RelayProtocol.RoomPath.Length)..];
}
