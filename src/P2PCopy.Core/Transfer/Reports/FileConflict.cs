namespace P2PCopy;

/// <summary>A file or link at the destination that differs from an offered one of its name.</summary>
public sealed record FileConflict
{
    /// <summary>The offered name, with invisible characters escaped.</summary>
    public required string Name { get; init; }

    /// <summary>The full path of the file that is here.</summary>
    public required string FullName { get; init; }

    /// <summary>Bytes of the offered file; null if unknown, and for a link.</summary>
    public long? OfferedLength { get; init; }

    /// <summary>Modification time of the offered file, UTC.</summary>
    public required DateTime OfferedTime { get; init; }

    /// <summary>Bytes of the file that is here; null for a link.</summary>
    public long? Length { get; init; }

    /// <summary>Modification time of the file that is here, UTC; null if it was removed meanwhile.</summary>
    public DateTime? Time { get; init; }

    /// <summary>Whether the file that is here was modified after the offered one.</summary>
    public bool IsNewerHere { get; init; }
}

/// <summary>The answer about a <see cref="FileConflict"/>.</summary>
public enum ConflictAnswer
{
    /// <summary>The file that is here stays; the offered one is skipped.</summary>
    Keep,

    /// <summary>The offered file replaces the one that is here.</summary>
    Replace,

    /// <summary>As <see cref="Keep"/>, also for all further files of this run with the same <see cref="FileConflict.IsNewerHere"/>.</summary>
    KeepAll,

    /// <summary>As <see cref="Replace"/>, also for all further files of this run with the same <see cref="FileConflict.IsNewerHere"/>.</summary>
    ReplaceAll,
}
