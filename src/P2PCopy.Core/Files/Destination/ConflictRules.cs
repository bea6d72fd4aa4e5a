using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Probes;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>Decides a conflict: how to treat an offered file or link if the destination has an entry with that name.</summary>
internal sealed class ConflictRules(DestinationOptions options)
{
    private readonly TimeRounding _rounding = new();

    /// <summary>Decides about an entry.</summary>
    /// <param name="folder">The destination folder.</param>
    /// <param name="entry">The offered file or link.</param>
    /// <param name="path">Its destination.</param>
    public DestinationDecision Decide(FolderHandle folder, ManifestEntry entry, string path)
    {
        if (options.Own?.Find(folder, path) is { } own)
            return WithPartial(folder, DecideOwn(folder, entry, path, own), entry);
        if (!folder.TryStat(WireName.Last(entry.Name).ToString(), out FileStat existing, out int error))
        {
            return error == FileErrors.NoSuchFile
                ? WithPartial(folder, DestinationDecision.New(path), entry)
                : DestinationDecision.Refuse(FileErrors.Write("Writing", path, error));
        }

        if (existing.Kind is FileStatKind.Folder or FileStatKind.Special)
        {
            string what = existing.Kind == FileStatKind.Folder ? "a folder" : "a pipe, a socket or a device";
            return DestinationDecision.Refuse(P2PErrorCode.FileWriteError, $"Writing \"{VisibleText.Name(path)}\" failed: {what} is in its place.");
        }

        return WithPartial(folder, DecideExisting(folder, entry, path, existing), entry);
    }

    private DestinationDecision DecideExisting(FolderHandle folder, ManifestEntry entry, string path, in FileStat existing)
    {
        bool isSame = IsSame(folder, entry, path, existing);
        bool canCompare = existing.Kind == FileStatKind.File && entry.Kind == EntryKind.File;
        DestinationDecision want = DestinationDecision.Want(path, canCompare ? existing.Length : -1) with
        {
            Replaces = true,
            IsNewerHere = existing.Modified - entry.Modified > options.ModifyWindow,
        };
        return options.OnConflict switch
        {
            ConflictPolicy.Update => isSame ? DestinationDecision.Unchanged(path) : want,
            ConflictPolicy.Ask when isSame => DestinationDecision.Unchanged(path),
            ConflictPolicy.Ask => options.Replaces(entry.Name) == false ? DestinationDecision.Keep(path) : want,

            // Every file is transferred whole, small or large.
            ConflictPolicy.Overwrite => want with { ExistingLength = -1 },

            // The existing file stays as it is, so its blocks are not compared.
            ConflictPolicy.Rename => DestinationDecision.Want(path, -1),
            ConflictPolicy.Newer when isSame => DestinationDecision.Unchanged(path),
            ConflictPolicy.Newer when entry.Modified - existing.Modified > options.ModifyWindow => want,
            ConflictPolicy.Newer => DestinationDecision.Skip(path, "the existing file is not older"),
            ConflictPolicy.Skip => DestinationDecision.Skip(path, "it exists"),
            _ => DestinationDecision.Refuse(
                P2PErrorCode.DestinationExists,
                $"Writing \"{VisibleText.Name(path)}\" failed: it exists.",
                "Choose another conflict policy to replace it.") with
            { FullPath = path },
        };
    }

    /// <summary>A file that this run has placed is unchanged or is replaced; no policy keeps it.</summary>
    private DestinationDecision DecideOwn(FolderHandle folder, ManifestEntry entry, string path, OwnFile own)
    {
        if (IsSame(folder, entry, own.FullPath, own.Stat))
            return DestinationDecision.Unchanged(own.FullPath);
        bool canCompare = own.FullPath == path && own.Stat.Kind == FileStatKind.File && entry.Kind == EntryKind.File;
        return DestinationDecision.Want(path, canCompare ? own.Stat.Length : -1);
    }

    private bool IsSame(FolderHandle folder, ManifestEntry entry, string path, in FileStat existing)
        => entry.Kind == EntryKind.Link
            ? existing.Kind == FileStatKind.Link && folder.ReadLink(Path.GetFileName(path)) == entry.LinkTarget
            : existing.Kind == FileStatKind.File && !options.Checksum && existing.Length == entry.Length
                && ((existing.Modified - entry.Modified).Duration() <= options.ModifyWindow || _rounding.Explains(folder, entry.Modified, existing));

    private static DestinationDecision WithPartial(FolderHandle folder, DestinationDecision decision, ManifestEntry entry)
    {
        if (entry.Kind != EntryKind.File || decision.Kind != DecisionKind.Want)
            return decision;
        string partial = WireName.Partial(WireName.Last(entry.Name));
        return folder.TryStat(partial, out FileStat stat, out _) && stat.Length > 0 && PartialFile.IsTrusted(folder, stat)
            ? decision with { PartialPath = Path.Combine(Path.GetDirectoryName(decision.FullPath) ?? "", partial), PartialLength = stat.Length }
            : decision;
    }
}
