namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Counts the blocks that senders list in one run, over all sessions. Each answer tells a sender whether the receiver has a
/// block that the sender knows already. Beyond the limit the receiver answers that it has none.
/// </summary>
internal sealed class BlockQuestions(long most = BlockQuestions.Most)
{
    /// <summary>About 256 GiB of files below 16 GiB, or 16 files of any size.</summary>
    public const long Most = 1 << 22;

    private long _left = most;

    /// <summary>Whether questions are left.</summary>
    public bool AreAllowed => Volatile.Read(ref _left) > 0;

    /// <summary>Counts a question.</summary>
    /// <returns>False beyond the limit.</returns>
    public bool TryTake()
    {
        if (!AreAllowed)
            return false;
        return Interlocked.Decrement(ref _left) >= 0;
    }
}
