namespace P2PCopy.Simulation.Network;

/// <summary>A connection that the network can break.</summary>
internal interface IBreakable
{
    /// <summary>The network ends the connection, and both ends notice.</summary>
    void Cut();

    /// <summary>The network loses what is sent in one or both directions, and no end notices.</summary>
    /// <param name="incoming">What the side that is tested would get.</param>
    /// <param name="outgoing">What it sends.</param>
    void Swallow(bool incoming, bool outgoing);
}
