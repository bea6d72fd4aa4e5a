namespace P2PCopy.Cmdlets;

/// <summary>The effect that an offer would have on the destination as it is now. The transfer decides again about every file.</summary>
public sealed class P2PPlan
{
    internal P2PPlan(string destination, string[] lines)
    {
        Destination = destination;
        Lines = lines;
    }

    /// <summary>The full path of the destination folder.</summary>
    public string Destination { get; }

    /// <summary>Files and links that do not exist here.</summary>
    public long NewFiles { get; internal init; }

    /// <summary>Files and links that would be replaced.</summary>
    public long ReplacedFiles { get; internal init; }

    /// <summary>Of the replaced files, those that were modified here after the offered ones.</summary>
    public long NewerHere { get; internal init; }

    /// <summary>The first names of those that are newer here, at most 100.</summary>
    public string[] NewerNames { get; internal init; } = [];

    /// <summary>The first names of the other replaced files, at most 100.</summary>
    public string[] ReplacedNames { get; internal init; } = [];

    /// <summary>Files and links that are here already.</summary>
    public long UnchangedFiles { get; internal init; }

    /// <summary>Files and links that the conflict policy leaves as they are, or that cannot be written.</summary>
    public long LeftFiles { get; internal init; }

    /// <summary>Files to write that the sender marks as executable.</summary>
    public long ExecutableFiles { get; internal init; }

    /// <summary>Files to write whose name, or the name of a folder above, begins with a dot.</summary>
    public long HiddenFiles { get; internal init; }

    /// <summary>Links to write.</summary>
    public long Links { get; internal init; }

    /// <summary>Files and links to write whose path leads through a link that is here.</summary>
    public long FilesThroughLinks { get; internal init; }

    /// <summary>Folders that are here and get other permission bits (<c>-PreserveMode</c>).</summary>
    public long ChangedFolders { get; internal init; }

    /// <summary>Bytes that may have to be sent; -1 if unknown.</summary>
    public long BytesToTransfer { get; internal init; }

    /// <summary>Bytes by which the free space at the destination is too small.</summary>
    public long MissingBytes { get; internal init; }

    /// <summary>The plan as text, for the question of -Confirm.</summary>
    internal string[] Lines { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Join(Environment.NewLine, Lines.Select(line => line.Trim()));
}
