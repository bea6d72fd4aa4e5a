namespace P2PCopy;

/// <summary>Whether the two sides of a transfer connect to each other directly, past the relay.</summary>
public enum DirectMode
{
    /// <summary>They do where it is possible and faster; the relay carries the content otherwise.</summary>
    Auto,

    /// <summary>They do not, and learn no address of each other.</summary>
    Off,

    /// <summary>Like <see cref="Auto"/>, between the addresses of their network interfaces only.</summary>
    Lan,

    /// <summary>The relay carries no content: without a direct connection the transfer fails.</summary>
    Only,
}
