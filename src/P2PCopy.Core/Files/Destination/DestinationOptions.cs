using P2PCopy.Files.Names;

namespace P2PCopy.Files.Destination;

/// <summary>How a receiver writes.</summary>
internal sealed record DestinationOptions
{
    /// <summary>What to do with a file that exists.</summary>
    public ConflictPolicy OnConflict { get; init; } = ConflictPolicy.Update;

    /// <summary>What this run has placed; null where every transfer stands alone or the policy replaces files anyway.</summary>
    public OwnFiles? Own { get; init; }

    /// <summary>Equal size and time do not prove a file unchanged: its content is compared.</summary>
    public bool Checksum { get; init; }

    /// <summary>By how much two times may differ and still count as equal.</summary>
    public TimeSpan ModifyWindow { get; init; }

    /// <summary>Writes through to the disk before a file counts as written.</summary>
    public bool Fsync { get; init; }

    /// <summary>What names may be.</summary>
    public NameRules Rules { get; init; } = OperatingSystem.IsWindows() ? NameRules.Windows : NameRules.Posix;

    /// <summary>Tells whether the destination folds names.</summary>
    public IFoldingProbe Folding { get; init; } = FoldingProbe.Instance;
}
