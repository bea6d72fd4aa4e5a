using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>
/// Removes old partials. A receiver removes or keeps its own partials when it ends, but a killed receiver leaves
/// partials that perhaps no later run uses. In a drop box they would accumulate.
/// </summary>
internal static class PartialSweep
{
    /// <summary>Removes the partials below a folder that last changed before a moment and that no transfer has open.</summary>
    /// <returns>The number of removed partials.</returns>
    public static int Run(string root, DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        using FolderHandle? top = FileSystem.Current.OpenFolder(root, out _);
        if (top is null)
            return 0;
        int removed = 0;
        var left = new Stack<string>(["."]);
        while (left.TryPop(out string? relative))
        {
            // One at a time, and none through a link: a deep tree must not need a handle for each level.
            using FolderHandle? folder = top.OpenFolder(relative, out _);
            if (folder is null)
                continue;
            foreach (string name in List(folder, Path.Combine(root, relative)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!folder.TryStat(name, out FileStat stat, out _))
                    continue;
                if (stat.Kind == FileStatKind.Folder)
                    left.Push(relative == "." ? name : $"{relative}/{name}");
                else if (WireName.IsPartial(name) && IsOld(stat, olderThan.UtcDateTime) && PartialFile.Remove(folder, name))
                    removed++;
            }
        }

        return removed;
    }

    private static IReadOnlyList<string> List(FolderHandle folder, string path)
    {
        try
        {
            return folder.List(path);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            return [];
        }
    }

    // A link has the modification time of the sender's link from the start.
    private static bool IsOld(in FileStat stat, DateTime olderThan)
        => (stat.Kind == FileStatKind.Link ? stat.Changed : stat.Modified) < olderThan;
}
