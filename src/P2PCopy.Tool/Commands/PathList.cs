namespace P2PCopy.Tool.Commands;

/// <summary>The paths of a <c>send</c>: arguments, with globs where the shell leaves them, and <c>--files-from</c>.</summary>
internal static class PathList
{
    public static List<string> Read(ToolHost host, IEnumerable<string> arguments, string? filesFrom, CancellationToken cancellationToken)
    {
        var paths = new List<string>();
        foreach (string argument in arguments)
            paths.AddRange(OperatingSystem.IsWindows() ? Expand(argument) : [argument]);
        if (filesFrom is not null)
            paths.AddRange(Split(filesFrom == "-" ? ToolHost.Read(() => host.In.Value.ReadToEnd(), cancellationToken) : ReadFile(filesFrom)));
        return paths;
    }

    /// <summary>
    /// One path a line, or separated by NUL if there is one, as <c>find -print0</c> writes them. Lines may end with CR LF.
    /// </summary>
    public static IEnumerable<string> Split(string text)
        => text.Contains('\0', StringComparison.Ordinal)
            ? text.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            : text.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0);

    /// <summary>The paths that match a glob in the last part of a path; the path itself if it is not a glob or matches nothing.</summary>
    public static string[] Expand(string path)
    {
        string pattern = Path.GetFileName(path);
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } given ? given : ".";
        if (pattern.AsSpan().IndexOfAny('*', '?') < 0 || File.Exists(path) || !Directory.Exists(folder))
            return [path];

        string[] matches = Directory.GetFileSystemEntries(folder, pattern);
        Array.Sort(matches, StringComparer.Ordinal);
        return matches.Length > 0 ? matches : [path];
    }

    /// <summary>
    /// The folder below which paths of a list keep their names, as with <c>rsync --files-from</c>: the current folder for relative
    /// paths, the root of the file system for absolute ones.
    /// </summary>
    /// <exception cref="P2PException">The paths are of both kinds, or on several drives.</exception>
    public static string CommonBase(IReadOnlyList<string> paths)
    {
        string[] roots = [.. paths.Select(p => Path.GetPathRoot(p) ?? string.Empty).Distinct(StringComparer.OrdinalIgnoreCase)];
        return roots switch
        {
            [""] => ".",
            [{ } root] => root,
            _ => throw new P2PException(P2PErrorCode.InvalidOption, "--files-from keeps the paths of its files, but some are relative and some absolute, or they are on several drives.")
            {
                Hint = "Use one kind of path, or --base-path.",
            },
        };
    }

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new P2PException(P2PErrorCode.InvalidOption, $"--files-from {file} could not be read: {e.Message}", e);
        }
    }
}
