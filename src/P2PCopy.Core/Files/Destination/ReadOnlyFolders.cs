using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>
/// Folders that are read-only at the sender, so that ours may be read-only because they are copies of an earlier run. A
/// folder that a user closed here stays closed.
/// </summary>
/// <remarks><see cref="DestinationTree"/> holds its lock around every call.</remarks>
internal sealed class ReadOnlyFolders
{
    private readonly HashSet<string> _offered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UnixFileMode> _opened = new(StringComparer.Ordinal);

    /// <summary>Folders that were made writable and must get their own mode back, by name.</summary>
    public IReadOnlyDictionary<string, UnixFileMode> Opened => _opened;

    /// <summary>The sender's folder of this name is read-only.</summary>
    public void Add(string folder) => _offered.Add(folder);

    /// <summary>Lets the owner write into a folder whose mode forbids it, until the end.</summary>
    /// <returns>False when that is not the reason or cannot be done.</returns>
    public bool Unlock(string folder, FolderHandle handle)
    {
        if (!_offered.Contains(folder)
            || handle.Stat().Mode is not { } mode
            || (mode & FileSystem.OwnerAll) == FileSystem.OwnerAll
            || handle.SetMode(mode | FileSystem.OwnerAll) != 0)
        {
            return false;
        }

        _opened.TryAdd(folder, mode);
        return true;
    }
}
