namespace P2PCopy.Transfer.Control;

/// <summary>
/// The largest values of the numbers in control messages. They are checked where a number is read, so that later
/// arithmetic cannot overflow.
/// </summary>
internal static class WireLimits
{
    /// <summary>Bytes of a file, and of the content of a round: 512 PiB.</summary>
    public const long FileBytes = 1L << 59;

    /// <summary>Entries of a round.</summary>
    public const long Entries = 10_000_000;

    /// <summary>Chunks of a session: as many of the largest size are less than 2^63 bytes.</summary>
    public const long Chunks = 1L << 40;

    /// <summary>Rounds of a session.</summary>
    public const int Rounds = 1 << 20;

    /// <summary>Pages of one kind in a round.</summary>
    public const int Pages = 1 << 30;

    /// <summary>Blocks in a page, which has 1 MiB.</summary>
    public const long BlocksInPage = 1 << 16;

    /// <summary>Bytes of a window.</summary>
    public const long Window = 1L << 40;

    /// <summary>Entries that all rounds of a session confirm.</summary>
    public const long Confirmed = 1L << 40;
}
