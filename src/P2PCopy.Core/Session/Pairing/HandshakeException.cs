namespace P2PCopy.Session.Pairing;

/// <summary>
/// A handshake that failed for a reason that says nothing about the other side's code. The caller waits or connects again.
/// </summary>
internal sealed class HandshakeException(HandshakeFault fault, bool isGuessCharged, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Why it failed.</summary>
    public HandshakeFault Fault { get; } = fault;

    /// <summary>
    /// Whether this side may have sent its confirmation, from which an attacker can tell whether a guess is right. An
    /// attacker who guessed wrong may disconnect instead of answering, so such a handshake stays charged.
    /// </summary>
    public bool IsGuessCharged { get; } = isGuessCharged;
}

/// <summary>Why a handshake failed.</summary>
internal enum HandshakeFault
{
    /// <summary>No hello arrived in time; the other connection of the pair is probably dead.</summary>
    HelloTimeout,

    /// <summary>The other side sent a hello and did not finish in time.</summary>
    Timeout,

    /// <summary>The connection ended.</summary>
    Closed,

    /// <summary>The other side is the peer of the session that this side still holds: both continue in their link room.</summary>
    SameSurvivor,

    /// <summary>The other side of a later connection cannot prove the session key.</summary>
    NotOfSession,
}
