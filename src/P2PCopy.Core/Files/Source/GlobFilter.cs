namespace P2PCopy.Files.Source;

/// <summary>Selects names of a tree by the include patterns and the exclude patterns.</summary>
internal sealed class GlobFilter
{
    private readonly Glob[] _include;
    private readonly Glob[] _exclude;

    /// <summary>Reads the patterns.</summary>
    /// <exception cref="P2PException">One of them is empty.</exception>
    public GlobFilter(IReadOnlyList<string> include, IReadOnlyList<string> exclude, bool ignoreCase)
    {
        _include = include.Select(pattern => new Glob(pattern, ignoreCase)).ToArray();
        _exclude = exclude.Select(pattern => new Glob(pattern, ignoreCase)).ToArray();
    }

    /// <summary>Whether there are include patterns, so that a folder is sent only for its content.</summary>
    public bool HasInclude => _include.Length > 0;

    /// <summary>Whether a name is left out; a folder is left out with its content.</summary>
    public bool IsExcluded(string name, bool isFolder) => Any(_exclude, name, isFolder);

    /// <summary>Whether a name is included; a folder is included with its content.</summary>
    public bool IsIncluded(string name, bool isFolder) => !HasInclude || Any(_include, name, isFolder);

    private static bool Any(Glob[] globs, string name, bool isFolder)
    {
        foreach (Glob glob in globs)
        {
            if (glob.Matches(name, isFolder))
                return true;
        }

        return false;
    }
}
