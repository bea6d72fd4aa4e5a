namespace P2PCopy;

/// <summary>Whether a side looks for the other one on the networks of this machine.</summary>
public enum DiscoveryMode
{
    /// <summary>
    /// It asks there for a relay in the process of the other side, and answers such questions if it has one, beside the relays of its
    /// options.
    /// </summary>
    Auto,

    /// <summary>It does not ask and does not answer.</summary>
    Off,
}
