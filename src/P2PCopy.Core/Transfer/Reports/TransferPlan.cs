namespace P2PCopy;

/// <summary>
/// The effect that an offer would have on the destination as it is now. It is made before the user agrees and changes nothing. The
/// transfer decides again about every file.
/// </summary>
public sealed record TransferPlan
{
    /// <summary>The full path of the destination folder.</summary>
    public required string Destination { get; init; }

    /// <summary>Files and links that do not exist here.</summary>
    public long NewFiles { get; init; }

    /// <summary>Files and links that would be replaced.</summary>
    public long ReplacedFiles { get; init; }

    /// <summary>Of <see cref="ReplacedFiles"/>, those that were modified here after the offered ones.</summary>
    public long NewerHere { get; init; }

    /// <summary>The first names of <see cref="NewerHere"/>, at most 100.</summary>
    public IReadOnlyList<string> NewerNames { get; init; } = [];

    /// <summary>The first names of the other <see cref="ReplacedFiles"/>, at most 100.</summary>
    public IReadOnlyList<string> ReplacedNames { get; init; } = [];

    /// <summary>Files and links that are here already.</summary>
    public long UnchangedFiles { get; init; }

    /// <summary>Files and links that the conflict policy leaves as they are, or that cannot be written.</summary>
    public long LeftFiles { get; init; }

    /// <summary>Files to write that the sender marks as executable.</summary>
    public long ExecutableFiles { get; init; }

    /// <summary>Files to write whose name, or the name of a folder above, begins with a dot.</summary>
    public long HiddenFiles { get; init; }

    /// <summary>Links to write.</summary>
    public long Links { get; init; }

    /// <summary>Files and links to write whose path leads through a link that is here, so they are in another folder than their names say.</summary>
    public long FilesThroughLinks { get; init; }

    /// <summary>Folders that are here and get other permission bits (<see cref="ReceiveOptions.PreserveMode"/>).</summary>
    public long ChangedFolders { get; init; }

    /// <summary>
    /// Whether it does no more than create plain files: it replaces nothing, and no file is executable, hidden, a link, or behind a link.
    /// </summary>
    public bool IsPlain => this is { ReplacedFiles: 0, ExecutableFiles: 0, HiddenFiles: 0, Links: 0, FilesThroughLinks: 0, ChangedFolders: 0 };

    /// <summary>
    /// Bytes that may have to be sent: the wanted files without the partial files of earlier runs. Fewer bytes are sent if the files here
    /// have blocks in common, or if content is compressed. Null if unknown.
    /// </summary>
    public long? BytesToTransfer { get; init; }

    /// <summary>Bytes that the files need beyond the free space of the destination; 0 if they fit or the free space is unknown.</summary>
    public long MissingBytes { get; init; }
}
