namespace P2PCopy.Session.Pairing;

/// <summary>
/// A handshake that came to nothing and says nothing about the other side's code: the caller waits or connects anew.
/// </summary>
internal sealed class HandshakeException(HandshakeFault fault, bool guessSpent, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What happened.</summary>
    public HandshakeFault Fault { get; } = fault;

    /// <summary>
    /// Whether this side had sent its confirmation, from which a stranger can tell if one guess was right. A side that
    /// counts wrong codes counts this as well: a stranger who guesses wrong may hang up instead of answering.
    /// </summary>
    public bool GuessSpent { get; } = guessSpent;
}

/// <summary>Why a handshake came to nothing.</summary>
internal enum HandshakeFault
{
    /// <summary>No hello came in time: the other half of the pair is probably dead.</summary>
    HelloTimeout,

    /// <summary>The other side began and did not go on in time.</summary>
    Timeout,

    /// <summary>The connection ended.</summary>
    Closed,

    /// <summary>The other side is the other end of the session that this side still holds: it is to be met in its own room.</summary>
    SameSurvivor,

    /// <summary>A later connection of a session whose other end is not of the session.</summary>
    NotOfSession,
}
