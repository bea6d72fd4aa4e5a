using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>
/// Removes old partials. A receiver that ends removes or keeps its own, but one that was killed leaves partials that no
/// later run may ask for. In a drop box they would accumulate.
/// </summary>
internal static class PartialSweep
{
    private const int MaxDepth = 255;

    /// <summary>Removes the partials below a folder that last changed before a moment and that no transfer has open.</summary>
    /// <returns>How many were removed.</returns>
    public static int Run(string root, DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        using FolderHandle? folder = FileSystem.Current.OpenFolder(root, out _);
        return folder is null ? 0 : Sweep(folder, root, olderThan.UtcDateTime, 0, cancellationToken);
    }

    private static int Sweep(FolderHandle folder, string path, DateTime olderThan, int depth, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names;
        try
        {
            names = folder.List(path);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            return 0;
        }

        int removed = 0;
        foreach (string name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!folder.TryStat(name, out FileStat stat, out _))
                continue;
            if (stat.Kind == FileStatKind.Folder && depth < MaxDepth)
            {
                using FolderHandle? child = folder.OpenFolder(name, out _);
                if (child is not null)
                    removed += Sweep(child, Path.Combine(path, name), olderThan, depth + 1, cancellationToken);
            }
            else if (WireName.IsPartial(name) && IsOld(stat, olderThan) && PartialFile.Remove(folder, name))
            {
                removed++;
            }
        }

        return removed;
    }

    // A link has the modification time of the sender's from the start.
    private static bool IsOld(in FileStat stat, DateTime olderThan)
        => (stat.Kind == FileStatKind.Link ? stat.Changed : stat.Modified) < olderThan;
}
