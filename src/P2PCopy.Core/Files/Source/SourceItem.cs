using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Source;

/// <summary>An item that a sender named, with its destination name.</summary>
/// <param name="Given">The path as it was given.</param>
/// <param name="FullPath">The absolute path, without a separator at its end.</param>
/// <param name="Name">The destination name; empty for a folder whose content is sent without the folder.</param>
/// <param name="Root">Converts names below it to paths.</param>
internal sealed record SourceItem(string Given, string FullPath, string Name, SourceRoot Root)
{
    private static readonly StringComparer PathComparer =
        FileSystem.Current.IgnoresCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>
    /// The items to scan, each once, and without those that lie below another item.
    /// </summary>
    /// <exception cref="P2PException">Two items have the same destination name, or an item is outside the base path.</exception>
    public static List<SourceItem> Resolve(SourceSelection selection, List<SourceProblem> problems, CancellationToken cancellationToken)
    {
        string? basePath = selection.BasePath is { } given ? Full(given) : null;
        var named = new HashSet<string>(PathComparer);
        var paths = new List<(string Given, string Full)>(selection.Paths.Count);
        foreach (string path in selection.Paths)
        {
            string full = Full(path);
            if (named.Add(full))
                paths.Add((path, full));
        }

        var walkable = new Dictionary<string, bool>(PathComparer);
        var items = new List<SourceItem>();
        var byName = new Dictionary<string, SourceItem>(StringComparer.Ordinal);
        foreach ((string path, string full) in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsInsideAnother(full))
            {
                if (!FileStat.TryRead(full, followLinks: false, out _, out int error))
                {
                    problems.Add(new SourceProblem(path, full, FileErrors.Read(full, error)));
                }

                continue;
            }

            SourceItem item = Make(path, full, basePath, selection.Links == LinkPolicy.Follow);
            if (byName.TryGetValue(item.Name, out SourceItem? other))
            {
                throw new P2PException(
                    P2PErrorCode.InvalidOption,
                    $"\"{VisibleText.Name(other.FullPath)}\" and \"{VisibleText.Name(full)}\" would both arrive as " +
                    $"\"{VisibleText.Name(item.Name)}\".")
                {
                    Hint = "Send them one after the other, or set `BasePath` to a folder that contains both.",
                };
            }

            byName.Add(item.Name, item);
            items.Add(item);
        }

        return items;

        // Searches a named folder above from which the scan reaches the item. It does not go through links that are not followed.
        bool IsInsideAnother(string full)
        {
            for (string? above = Path.GetDirectoryName(full); above is not null; above = Path.GetDirectoryName(above))
            {
                if (!IsWalkable(above))
                    return false;
                if (named.Contains(above))
                    return true;
            }

            return false;
        }

        bool IsWalkable(string folder)
        {
            if (!walkable.TryGetValue(folder, out bool answer))
            {
                answer = FileStat.TryRead(folder, selection.Links == LinkPolicy.Follow, out FileStat stat, out _)
                    && stat.Kind == FileStatKind.Folder;
                walkable.Add(folder, answer);
            }

            return answer;
        }
    }

    private static SourceItem Make(string given, string full, string? basePath, bool followLinks)
    {
        string folder = basePath ?? Path.GetDirectoryName(full) ?? full;
        if (!RealPath.IsWithin(full, folder))
        {
            throw new P2PException(
                P2PErrorCode.InvalidOption,
                $"\"{VisibleText.Name(full)}\" is not inside the base path \"{VisibleText.Name(folder)}\".")
            {
                Hint = "Set `BasePath` to a folder that contains it.",
            };
        }

        string name = full.Length <= folder.Length ? "" : full[folder.Length..].Trim(Path.DirectorySeparatorChar);
        if (name.Length == 0 && basePath is null)
        {
            throw new P2PException(
                P2PErrorCode.InvalidOption,
                $"\"{VisibleText.Name(full)}\" has no name that the receiver can use.")
            {
                Hint = "Name the folders in it, or set `BasePath` to it as well.",
            };
        }

        string separated = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
        return new SourceItem(given, full, LocalPath.ToWire(name), new SourceRoot(separated, "", followLinks));
    }

    private static string Full(string path)
    {
        try
        {
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        }
        catch (ArgumentException e)
        {
            throw new P2PException(
                P2PErrorCode.InvalidOption, path.Length == 0 ? "A path is empty." : $"\"{VisibleText.Name(path)}\" is not a valid path.", e);
        }
    }
}
