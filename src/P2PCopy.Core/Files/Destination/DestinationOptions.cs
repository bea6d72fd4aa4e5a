using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Probes;

namespace P2PCopy.Files.Destination;

/// <summary>The settings with which a receiver writes.</summary>
internal sealed record DestinationOptions
{
    /// <summary>How to treat a file that exists.</summary>
    public ConflictPolicy OnConflict { get; init; } = ConflictPolicy.Update;

    /// <summary>The files that this run has placed; null if each transfer is independent or the policy replaces files anyway.</summary>
    public OwnFiles? Own { get; init; }

    /// <summary>
    /// With <see cref="ConflictPolicy.Ask"/>: whether the file of an offered name is replaced; null if no one was asked about it. Safe from
    /// any thread.
    /// </summary>
    public Func<string, bool?> Replaces { get; init; } = _ => null;

    /// <summary>Compares content instead of size and time.</summary>
    public bool Checksum { get; init; }

    /// <summary>Modification times that differ by at most this time count as equal.</summary>
    public TimeSpan ModifyWindow { get; init; }

    /// <summary>Files and folders get exactly the permission bits of the sender.</summary>
    public bool PreserveMode { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The rules for names.</summary>
    public NameRules Rules { get; init; } = FileSystem.Current.HasWindowsNames ? NameRules.Windows : NameRules.Posix;

    /// <summary>Finds out whether the destination folds names.</summary>
    public IFoldingProbe Folding { get; init; } = FoldingProbe.Instance;
}
