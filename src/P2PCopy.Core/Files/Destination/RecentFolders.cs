namespace P2PCopy.Files.Destination;

/// <summary>
/// The open folders of the latest entries. Entries come folder by folder, but several threads write files at once, each in another folder.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class RecentFolders
{
    // Few, because a process may have very few open files.
    private const int Most = 4;

    // The latest one is the last.
    private readonly List<SharedFolder> _folders = new(Most);

    /// <summary>The folder of this name if it is still open; it becomes the latest.</summary>
    public SharedFolder? Find(string name)
    {
        int at = _folders.FindLastIndex(folder => folder.Name == name);
        if (at < 0)
            return null;
        SharedFolder found = _folders[at];
        if (at < _folders.Count - 1)
        {
            _folders.RemoveAt(at);
            _folders.Add(found);
        }

        return found;
    }

    /// <summary>Takes over a folder as the latest, and gives up the one that was used least recently.</summary>
    public SharedFolder Add(SharedFolder folder)
    {
        if (_folders.Count == Most)
        {
            _folders[0].Dispose();
            _folders.RemoveAt(0);
        }

        _folders.Add(folder);
        return folder;
    }

    /// <summary>Gives up all.</summary>
    public void Clear()
    {
        foreach (SharedFolder folder in _folders)
        {
            folder.Dispose();
        }

        _folders.Clear();
    }
}
