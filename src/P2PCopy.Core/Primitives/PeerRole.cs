namespace P2PCopy;

/// <summary>Which end of a transfer a peer is.</summary>
public enum PeerRole
{
    /// <summary>Offers files.</summary>
    Send,

    /// <summary>Takes files.</summary>
    Receive,
}
