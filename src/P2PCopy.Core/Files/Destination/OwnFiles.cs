using System.Collections.Concurrent;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>
/// The files and links that this run of a receiver has placed. A restarted sender offers them again. A conflict policy
/// does not apply to them, because it protects the files of others. Safe from any thread.
/// </summary>
internal sealed class OwnFiles
{
    private readonly ConcurrentDictionary<string, OwnFile> _placed = new(StringComparer.Ordinal);

    /// <summary>Remembers the file or link that was placed for a destination.</summary>
    /// <param name="folder">The folder of both.</param>
    /// <param name="path">The destination.</param>
    /// <param name="placed">Its real path, which has a number if the policy renames.</param>
    public void Note(FolderHandle folder, string path, string placed)
    {
        if (folder.TryStat(Path.GetFileName(placed), out FileStat stat, out _))
            _placed[path] = new OwnFile(placed, stat);
    }

    /// <summary>The file or link that was placed for a destination, if it still exists and no other program has changed it.</summary>
    public OwnFile? Find(FolderHandle folder, string path)
        => _placed.TryGetValue(path, out OwnFile? own)
            && folder.TryStat(Path.GetFileName(own.FullPath), out FileStat now, out _)
            && now.IsUnchangedSince(own.Stat)
                ? own
                : null;
}

/// <summary>A file or link that this run has placed.</summary>
/// <param name="FullPath">Its path.</param>
/// <param name="Stat">Its attributes when it was placed.</param>
internal sealed record OwnFile(string FullPath, FileStat Stat);
