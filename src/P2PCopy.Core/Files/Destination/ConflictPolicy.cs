namespace P2PCopy;

/// <summary>What a receiver does with a file whose destination exists.</summary>
public enum ConflictPolicy
{
    /// <summary>Equal size and time: unchanged; else transfer what differs.</summary>
    Update,

    /// <summary>Transfer whatever is there.</summary>
    Overwrite,

    /// <summary>Keep what is there.</summary>
    Skip,

    /// <summary>Keep both: the new one gets <c>name (1).ext</c>.</summary>
    Rename,

    /// <summary>Transfer when the sender's is newer.</summary>
    Newer,

    /// <summary>An existing destination is that file's error.</summary>
    Fail,
}
