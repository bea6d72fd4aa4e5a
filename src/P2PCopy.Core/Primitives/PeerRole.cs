namespace P2PCopy;

/// <summary>The role of a side in a transfer.</summary>
public enum PeerRole
{
    /// <summary>The sender, which offers files.</summary>
    Send,

    /// <summary>The receiver, which writes files.</summary>
    Receive,
}
