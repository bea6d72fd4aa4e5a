using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>An open folder that the files in it share while they arrive. The last user closes it.</summary>
/// <remarks><see cref="Share"/> needs a user that has not ended; all other members are safe from any thread.</remarks>
internal sealed class SharedFolder : IDisposable
{
    private readonly FileStat _opened;
    private int _users = 1;

    /// <summary>Takes over a folder, for one user.</summary>
    /// <param name="name">Its name of the wire.</param>
    /// <param name="handle">The open folder.</param>
    public SharedFolder(string name, FolderHandle handle)
    {
        Name = name;
        Handle = handle;
        _ = handle.TryStat("", out _opened, out _);
    }

    /// <summary>The name of the wire; empty for the destination itself.</summary>
    public string Name { get; }

    public FolderHandle Handle { get; }

    /// <summary>True when a name of another folder is this folder; false where the platform does not tell.</summary>
    public bool IsAt(FolderHandle folder, string name) => folder.TryStat(name, out FileStat stat, out _) && stat.IsSameAs(_opened);

    /// <summary>True when another handle is of this folder; true where the platform does not tell.</summary>
    public bool IsSameAs(FolderHandle folder) => _opened.Inode == 0 || IsAt(folder, "");

    /// <summary>Adds a user, which disposes it once.</summary>
    public SharedFolder Share()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Handle.Dispose();
    }
}
