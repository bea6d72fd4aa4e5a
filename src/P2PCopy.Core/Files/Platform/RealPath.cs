namespace P2PCopy.Files.Platform;

/// <summary>Resolves paths to absolute paths without links.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>Resolves every link of a path. Parts that do not exist are kept as they are.</summary>
    /// <returns>The path, or null when links run in a circle.</returns>
    public static string? Of(string path)
    {
        string full = Path.GetFullPath(path);
        string root = Path.GetPathRoot(full) ?? "";
        string real = root;
        var rest = new Stack<string>(Parts(full[root.Length..]));
        int links = 0;
        while (rest.TryPop(out string? part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? root;
                continue;
            }

            string next = Path.Combine(real, part);
            if (!FileStat.TryRead(next, followLinks: false, out FileStat stat, out _) || stat.Kind != FileStatKind.Link)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks || FileSystem.Current.LinkTarget(next) is not { } target)
                return null;
            if (Path.IsPathRooted(target))
            {
                real = Path.GetPathRoot(target) ?? root;
                target = target[real.Length..];
            }

            foreach (string part2 in Parts(target))
                rest.Push(part2);
        }

        return real;
    }

    /// <summary>True when a real path is a folder or lies inside it.</summary>
    public static bool IsWithin(string path, string folder)
    {
        StringComparison comparison = FileSystem.Current.IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        string trimmed = Path.TrimEndingDirectorySeparator(folder);
        return path.StartsWith(trimmed, comparison)
            && (path.Length == trimmed.Length
                || trimmed.Length == 0
                || path[trimmed.Length] == Path.DirectorySeparatorChar
                || Path.EndsInDirectorySeparator(trimmed));
    }

    // Last part first, as a stack is filled.
    private static IEnumerable<string> Parts(string path)
        => path.Split(['/', Path.DirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse();
}
