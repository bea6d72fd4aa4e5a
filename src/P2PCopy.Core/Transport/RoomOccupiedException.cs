namespace P2PCopy.Transport;

/// <summary>
/// Another connection has this role in the room. It may belong to a killed predecessor of this program; the relay ends such
/// a connection after a while.
/// </summary>
internal sealed class RoomOccupiedException(P2PException refusal) : Exception(refusal.Message, refusal)
{
    /// <summary>The relay's refusal, for a caller that does not wait.</summary>
    public P2PException Refusal => refusal;
}
