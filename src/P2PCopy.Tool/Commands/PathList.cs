using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Tool.Commands;

/// <summary>The paths of a <c>send</c>: arguments, with globs where the shell leaves them, and <c>--files-from</c>.</summary>
internal static class PathList
{
    private const int MostNames = 10_000;

    public static List<string> Read(ToolHost host, IEnumerable<string> arguments, string? filesFrom, CancellationToken cancellationToken)
    {
        var paths = new List<string>();
        foreach (string argument in arguments)
            paths.AddRange(OperatingSystem.IsWindows() ? Expand(argument) : [argument]);
        host.Engine.CheckPaths(paths);
        if (filesFrom is not null)
            paths.AddRange(Split(filesFrom == "-" ? ToolHost.Read(() => host.In.Value.ReadToEnd(), cancellationToken) : ReadFile(filesFrom)));
        return paths;
    }

    /// <summary>Refuses a mistyped path before a code is shown. A list of files may name one that is gone by now.</summary>
    /// <exception cref="P2PException">There is nothing at the path.</exception>
    public static void RefuseMissing(string path)
    {
        if (path.Length == 0)
            throw new P2PException(P2PErrorCode.InvalidOption, "A path is empty.");
        if (FileStat.TryRead(path, followLinks: false, out _, out int error) || error != FileErrors.NoSuchFile)
            return;
        throw new P2PException(P2PErrorCode.InvalidOption, $"The path \"{VisibleText.Name(path)}\" does not exist.")
        {
            Hint = Nearest(path) is { } near
                ? $"Did you mean \"{VisibleText.Name(near)}\"?" : "Check the path; relative paths begin in the current folder.",
        };
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

    private static string? Nearest(string path)
    {
        try
        {
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
            string folder = Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } given && Directory.Exists(given) ? given : ".";
            return Suggestion.Nearest(name, Directory.EnumerateFileSystemEntries(folder).Take(MostNames).Select(f => Path.GetFileName(f)!));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // only a suggestion
        }
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
