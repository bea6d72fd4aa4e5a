namespace P2PCopy.Transport;

/// <summary>
/// Another connection has our role in the room: somebody else's, or that of our own killed predecessor, which the relay
/// gives up after a while.
/// </summary>
internal sealed class RoomOccupiedException(P2PException refusal) : Exception(refusal.Message, refusal)
{
    /// <summary>The relay's refusal, for a caller that will not wait.</summary>
    public P2PException Refusal => refusal;
}
