namespace P2PCopy;

/// <summary>Properties of a <see cref="P2PErrorCode"/>.</summary>
public static class P2PErrorCodes
{
    /// <summary>The exit status of the <c>p2pcopy</c> tool for this code.</summary>
    /// <param name="code">The error.</param>
    /// <returns>1 to 130; never 0.</returns>
    public static int ExitStatus(this P2PErrorCode code) => code switch
    {
        P2PErrorCode.InvalidOption => 2,
        P2PErrorCode.FileReadError or P2PErrorCode.FileWriteError or P2PErrorCode.DestinationExists
            or P2PErrorCode.NameRefused or P2PErrorCode.IntegrityCheckFailed or P2PErrorCode.Unconfirmed => 3,
        P2PErrorCode.PairingFailed => 4,
        P2PErrorCode.RelayConnectFailed or P2PErrorCode.RelayRefused => 5,
        P2PErrorCode.ConnectionLost => 6,
        P2PErrorCode.PeerDidNotCome => 7,
        P2PErrorCode.PeerAborted => 8,
        P2PErrorCode.InsufficientSpace or P2PErrorCode.LimitExceeded => 9,
        P2PErrorCode.ProtocolError or P2PErrorCode.VersionMismatch => 10,
        P2PErrorCode.Cancelled => 130,
        _ => 1,
    };
}
