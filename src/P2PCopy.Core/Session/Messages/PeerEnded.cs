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
        return new P2PException(own, $"The {other} ended the transfer: {Continued(message)}");
    }

    /// <summary>A sentence that goes on after a colon.</summary>
    private static string Continued(string sentence)
        => sentence.Length > 1 && char.IsUpper(sentence[0]) && (char.IsLower(sentence[1]) || sentence[1] == ' ')
            ? char.ToLowerInvariant(sentence[0]) + sentence[1..]
            : sentence;
}
