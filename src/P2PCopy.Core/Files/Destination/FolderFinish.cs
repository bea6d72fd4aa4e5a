using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>Gives folders their modes and times when everything in them is written.</summary>
internal sealed class FolderFinish(DestinationFolders folders, FileAttributesWriter attributes)
{
    private readonly List<ManifestEntry> _entries = [];
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    /// <summary>Adds a folder.</summary>
    /// <param name="entry">The folder.</param>
    /// <param name="made">This session made it.</param>
    public void Add(ManifestEntry entry, bool made)
    {
        _entries.Add(entry);
        if (made)
            _made.Add(entry.Name);
    }

    /// <summary>Sets modes and times, deepest folder first. May be called after every round.</summary>
    /// <returns>Sentences about those that could not be set.</returns>
    public List<string> Run()
    {
        var opened = new Dictionary<string, UnixFileMode>(folders.ReadOnly.Opened, StringComparer.Ordinal);
        var problems = new List<string>();
        foreach (ManifestEntry entry in _entries.OrderByDescending(entry => entry.Name.AsSpan().Count('/')))
        {
            UnixFileMode? own = opened.Remove(entry.Name, out UnixFileMode before) ? before : null;
            string? problem = With(
                entry.Name, folder => attributes.SetFolder(folder, folders.PathOf(entry.Name), entry, _made.Contains(entry.Name), own));
            if (problem is not null)
                problems.Add(problem);
        }

        foreach ((string name, UnixFileMode mode) in opened)
        {
            string? problem = With(name, folder =>
            {
                int error = folder.SetMode(mode);
                return error == 0 ? null : FileErrors.Write("Setting the mode of", folders.PathOf(name), error).Message;
            });
            if (problem is not null)
                problems.Add(problem);
        }

        return problems;
    }

    private string? With(string name, Func<FolderHandle, string?> action)
    {
        try
        {
            using FolderHandle folder = folders.Open(name);
            return action(folder);
        }
        catch (Exception e) when (e is P2PException || FileErrors.IsFileError(e))
        {
            return e.Message;
        }
    }
}
