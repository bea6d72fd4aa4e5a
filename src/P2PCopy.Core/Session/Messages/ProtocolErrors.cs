namespace P2PCopy.Session.Messages;

/// <summary>Creates the exceptions for violations of the protocol by the other side.</summary>
internal static class ProtocolErrors
{
    /// <summary>The other side sent <paramref name="what"/>, such as "an ack of 3 bytes".</summary>
    public static P2PException Malformed(string what, Exception? cause = null) => new(
        P2PErrorCode.ProtocolError,
        $"The other side broke the protocol: it sent {what}. Update P2PCopy on both sides; if it happens again, report it.",
        cause);
}
