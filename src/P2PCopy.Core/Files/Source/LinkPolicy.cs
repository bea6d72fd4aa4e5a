namespace P2PCopy;

/// <summary>What a sender does with symbolic links.</summary>
public enum LinkPolicy
{
    /// <summary>Leaves them out, with a warning.</summary>
    Skip,

    /// <summary>Sends what they point to.</summary>
    Follow,

    /// <summary>Sends the link itself, if it points inside the tree that is sent.</summary>
    Preserve,
}
