namespace P2PCopy;

/// <summary>What a receiver does with a file that exists.</summary>
public enum ConflictPolicy
{
    /// <summary>A file of equal size and time is unchanged; otherwise transfer the differences.</summary>
    Update,

    /// <summary>Transfer and replace every file.</summary>
    Overwrite,

    /// <summary>Keep the existing file.</summary>
    Skip,

    /// <summary>Keep both: the new file gets <c>name (1).ext</c>.</summary>
    Rename,

    /// <summary>Transfer if the file of the sender is newer.</summary>
    Newer,

    /// <summary>An existing file is an error for this file.</summary>
    Fail,
}
