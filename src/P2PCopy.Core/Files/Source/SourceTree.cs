using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Source;

/// <summary>The result of a scan.</summary>
/// <param name="Entries">The entries in the order of the offer: by item, then ordinal, and every folder before its content.</param>
/// <param name="Problems">Names that could not be read; each is a failed file.</param>
/// <param name="Warnings">Why entries were left out.</param>
internal sealed record SourceTree(
    IReadOnlyList<SourceEntry> Entries,
    IReadOnlyList<SourceProblem> Problems,
    IReadOnlyList<FileProblem> Warnings)
{
    /// <summary>What is not sent, and why.</summary>
    public IEnumerable<FileProblem> Omissions => Warnings.Concat(Problems.Select(problem => problem.Problem));

    /// <summary>Bytes of all files together.</summary>
    public long TotalBytes => Entries.Sum(entry => entry.Entry.Length);
}

/// <summary>An entry and its source. The path is built on request, because there may be a million entries.</summary>
/// <param name="Entry">The offered entry.</param>
/// <param name="Root">The named item to which it belongs.</param>
internal readonly record struct SourceEntry(ManifestEntry Entry, SourceRoot Root)
{
    /// <summary>The device of the file that was selected; 0 where unknown.</summary>
    public ulong Device { get; init; }

    /// <summary>The number of the file that was selected; 0 where unknown.</summary>
    public ulong Inode { get; init; }

    /// <summary>The full local path.</summary>
    public string FullPath => Root.PathOf(Entry.Name);

    /// <summary>The file as it is now, for another offer; null if it is no longer a file.</summary>
    public SourceEntry? TryRefresh()
    {
        using SafeFileHandle? file = Root.Open(Entry.Name, out _);
        if (file is null)
            return null;
        try
        {
            FileStat stat = FileStat.Of(file, FullPath);
            return stat.Kind == FileStatKind.File ? Of(stat, Entry.Name, Root) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The entry of a file.</summary>
    public static SourceEntry Of(in FileStat stat, string name, SourceRoot root)
    {
        var entry = new ManifestEntry(
            name, EntryKind.File, stat.Length, stat.Modified, (int?)(stat.Mode & FileSystem.AllPermissions), stat.ReadOnly)
        {
            Allocated = stat.Allocated < stat.Length ? stat.Allocated : null,
        };
        return new SourceEntry(entry, root) { Device = stat.Device, Inode = stat.Inode };
    }
}

/// <summary>A named item. It converts destination names to paths.</summary>
/// <param name="Folder">The folder in which the names begin, with a separator at its end.</param>
/// <param name="Prefix">The part of every name that is not in the path.</param>
/// <param name="FollowLinks">Whether files are opened through links.</param>
internal sealed record SourceRoot(string Folder, string Prefix, bool FollowLinks)
{
    /// <summary>The local path of a destination name of this item.</summary>
    public string PathOf(string name) => LocalPath.Of(string.Concat(Folder, name.AsSpan(Prefix.Length)));

    /// <summary>Opens a file of this item for reading: beneath <see cref="Folder"/> and not through a link, unless links are followed.</summary>
    public SafeFileHandle? Open(string name, out int error)
    {
        using var folder = new LatestFolder();
        return folder.Open(this, name, out error);
    }

    /// <summary>Opens a folder of this item, as <see cref="Open"/> does.</summary>
    public FolderHandle? OpenFolder(string name, out int error)
        => FollowLinks ? FileSystem.Current.OpenFolder(PathOf(name), out error) : OpenBeneath(name[Prefix.Length..], out error);

    /// <summary>Opens a folder by its path below <see cref="Folder"/>, not through a link.</summary>
    public FolderHandle? OpenBeneath(string relative, out int error)
    {
        FolderHandle? root = FileSystem.Current.OpenFolder(Folder, out error);
        if (root is null || relative.Length == 0)
            return root;
        using (root)
            return root.OpenFolder(relative, out error);
    }
}

/// <summary>A selected name that cannot be read.</summary>
/// <param name="Name">Its destination name, or the path as it was given.</param>
/// <param name="FullPath">The local path.</param>
/// <param name="Problem">Why it cannot be read.</param>
internal sealed record SourceProblem(string Name, string FullPath, FileProblem Problem)
{
    /// <summary>The name for the other side, which must not learn the folders above the item.</summary>
    public string NameForPeer { get; init; } = Name;

    /// <summary>The error code of every such failure.</summary>
    public static P2PErrorCode Code => P2PErrorCode.FileReadError;
}
