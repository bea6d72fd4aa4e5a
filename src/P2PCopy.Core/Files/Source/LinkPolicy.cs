namespace P2PCopy;

/// <summary>How a sender treats symbolic links.</summary>
public enum LinkPolicy
{
    /// <summary>Skips them with a warning.</summary>
    Skip,

    /// <summary>Sends their targets.</summary>
    Follow,

    /// <summary>Sends the links themselves, if they point inside the tree that is sent.</summary>
    Preserve,
}
