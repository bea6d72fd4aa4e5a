namespace P2PCopy;

/// <summary>How a receiver treats a file that exists.</summary>
public enum ConflictPolicy
{
    /// <summary>A file with equal size and time is unchanged; otherwise its differences are sent.</summary>
    Update,

    /// <summary>Every file is sent and replaced.</summary>
    Overwrite,

    /// <summary>The existing file is kept.</summary>
    Skip,

    /// <summary>Both are kept; the new file gets the name <c>name (1).ext</c>.</summary>
    Rename,

    /// <summary>The file is sent if the sender's file is newer.</summary>
    Newer,

    /// <summary>The file fails if it exists.</summary>
    Fail,

    /// <summary>As <see cref="Update"/>, but <see cref="ReceiveOptions.ResolveConflict"/> decides about each file that differs.</summary>
    Ask,
}
