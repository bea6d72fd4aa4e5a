namespace P2PCopy.Session.Messages;

/// <summary>Converts the other side's abort record into this side's error.</summary>
internal static class PeerEnded
{
    public static P2PException Describe(PeerRole ownRole, P2PErrorCode code, string message)
    {
        string other = ownRole == PeerRole.Send ? "receiver" : "sender";
        P2PErrorCode own = code switch
        {
            P2PErrorCode.InsufficientSpace or P2PErrorCode.LimitExceeded or P2PErrorCode.ProtocolError
                or P2PErrorCode.VersionMismatch or P2PErrorCode.IntegrityCheckFailed => code,
            _ => P2PErrorCode.PeerAborted,
        };
        return new P2PException(own, $"The {other} ended the transfer: {message}");
    }
}
