namespace P2PCopy.Session.Messages;

/// <summary>Creates the exceptions for violations of the protocol by the other side.</summary>
internal static class ProtocolErrors
{
    /// <summary>The advice for messages that this side does not understand.</summary>
    public const string SameRelease = "Use the same release of P2PCopy on both sides.";

    /// <summary>The error for a message that the protocol does not allow.</summary>
    /// <param name="what">The message that the other side sent, as the object of a sentence.</param>
    /// <param name="cause">The exception that caused this one; null if there is none.</param>
    public static P2PException Malformed(string what, Exception? cause = null) => new(
        P2PErrorCode.ProtocolError,
        $"The other side broke the protocol: it sent {what}.",
        cause)
    {
        Hint = "Update P2PCopy on both sides; if it happens again, report it.",
    };
}
