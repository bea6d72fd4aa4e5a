namespace P2PCopy.Files.Source;

/// <summary>Which names of a tree are sent: the include patterns, less the exclude patterns.</summary>
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

    /// <summary>True when only named ones are sent, so that a folder is of interest only for what it holds.</summary>
    public bool HasInclude => _include.Length > 0;

    /// <summary>True for a name that is left out, a folder with all it holds.</summary>
    public bool IsExcluded(string name, bool isFolder) => Any(_exclude, name, isFolder);

    /// <summary>True for a name that is asked for, a folder with all it holds.</summary>
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
