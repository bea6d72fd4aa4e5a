namespace P2PCopy.Transfer.Receiving;

/// <summary>What the plan that a user saw said about one entry.</summary>
internal enum PlannedEffect : byte
{
    /// <summary>Nothing has its name here.</summary>
    New,

    /// <summary>It replaces a file or link that is here.</summary>
    Replaces,

    /// <summary>What is here stays as it is.</summary>
    Leaves,
}
