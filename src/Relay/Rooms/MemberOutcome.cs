namespace P2PCopy.Relay.Rooms;

/// <summary>Why a member left, as a stable word for the log.</summary>
internal static class MemberOutcome
{
    /// <summary>The client closed the WebSocket.</summary>
    public const string Closed = "closed";

    /// <summary>The other member of the pair left first.</summary>
    public const string PeerLeft = "peer-left";

    /// <summary>The same member joined again on another connection.</summary>
    public const string Replaced = "replaced";

    /// <summary>A limit of bytes or time was reached.</summary>
    public const string Limit = "limit";

    /// <summary>No partner joined in time.</summary>
    public const string WaitTimedOut = "wait-timeout";

    /// <summary>The client did not read for too long.</summary>
    public const string Stalled = "stalled";

    /// <summary>The client broke a rule of the protocol.</summary>
    public const string Violation = "violation";

    /// <summary>The relay stopped.</summary>
    public const string Draining = "draining";

    /// <summary>The client ended the connection between two messages, without a close frame.</summary>
    public const string Disconnected = "disconnected";

    /// <summary>The connection failed, or it ended in the middle of a message.</summary>
    public const string Lost = "lost";
}
