using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>Decides a conflict: what to do with an offered file or link if the destination has one of that name.</summary>
internal sealed class ConflictRules(DestinationOptions options)
{
    /// <summary>Decides as the conflict policy says.</summary>
    /// <param name="entry">The offered file or link.</param>
    /// <param name="path">Its destination.</param>
    /// <param name="existing">The file or link there.</param>
    public DestinationDecision Decide(ManifestEntry entry, string path, in FileStat existing)
    {
        bool isSame = IsSame(entry, path, existing);
        bool canCompare = existing.Kind == FileStatKind.File && entry.Kind == EntryKind.File;
        DestinationDecision want = DestinationDecision.Want(path, canCompare ? existing.Length : -1);
        return options.OnConflict switch
        {
            ConflictPolicy.Update => isSame ? DestinationDecision.Unchanged(path) : want,
            ConflictPolicy.Overwrite => want,

            // The existing file stays as it is, so its blocks are not compared.
            ConflictPolicy.Rename => want with { ExistingLength = -1 },
            ConflictPolicy.Newer when isSame => DestinationDecision.Unchanged(path),
            ConflictPolicy.Newer when entry.Modified - existing.Modified > options.ModifyWindow => want,
            ConflictPolicy.Newer => DestinationDecision.Skip(path, "what is there is not older"),
            ConflictPolicy.Skip => DestinationDecision.Skip(path, "it exists"),
            _ => DestinationDecision.Refuse(
                P2PErrorCode.DestinationExists,
                $"Writing \"{VisibleText.Name(path)}\" failed: it exists. Choose another conflict policy to replace it.") with { FullPath = path },
        };
    }

    /// <summary>A file that this run placed is up to date, or is replaced: under no policy is it in the way.</summary>
    public DestinationDecision DecideOwn(ManifestEntry entry, string path, OwnFile own)
    {
        if (IsSame(entry, own.FullPath, own.Stat)) return DestinationDecision.Unchanged(own.FullPath);
        bool canCompare = own.FullPath == path && own.Stat.Kind == FileStatKind.File && entry.Kind == EntryKind.File;
        return DestinationDecision.Want(path, canCompare ? own.Stat.Length : -1);
    }

    private bool IsSame(ManifestEntry entry, string path, in FileStat existing)
        => entry.Kind == EntryKind.Link
            ? existing.Kind == FileStatKind.Link && new FileInfo(path).LinkTarget == entry.LinkTarget
            : existing.Kind == FileStatKind.File && !options.Checksum && existing.Length == entry.Length
                && (existing.Modified - entry.Modified).Duration() <= options.ModifyWindow;
}
