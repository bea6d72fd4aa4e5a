using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Probes;

/// <summary>
/// Compares the time of an existing file with the offered time as its file system stores it. FAT and some others round times;
/// otherwise every run would copy every file again.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class TimeRounding
{
    // FAT keeps even seconds only.
    private static readonly TimeSpan Coarsest = TimeSpan.FromSeconds(2);

    private static readonly DateTime Odd = new DateTime(2001, 2, 3, 4, 5, 7, DateTimeKind.Utc).AddTicks(1_234_567);

    private readonly Dictionary<ulong, bool> _rounds = [];

    /// <summary>Whether the two times differ only by the rounding of the file system.</summary>
    /// <param name="folder">The folder of the existing file, where a scratch file may exist for a moment.</param>
    /// <param name="offered">The offered time.</param>
    /// <param name="existing">The existing file.</param>
    public bool Explains(FolderHandle folder, DateTime offered, in FileStat existing)
    {
        if (existing.Modified == offered || (existing.Modified - offered).Duration() > Coarsest)
            return existing.Modified == offered;
        if (!_rounds.TryGetValue(existing.Device, out bool rounds))
            _rounds[existing.Device] = rounds = Stored(folder, Odd) is { } stored && stored != Odd;
        return rounds && Stored(folder, offered) == existing.Modified;
    }

    private static DateTime? Stored(FolderHandle folder, DateTime time) => ScratchFile.Ask(folder, (name, file) =>
    {
        _ = FileSystem.Current.SetModified(file, time);

        // Files get their names by a rename, and encfs rounds at that moment.
        string renamed = $".b{name[2..]}";
        if (!FileSystem.Current.RenamesOpenFiles || folder.Replace(name, renamed) != 0)
            return FileStat.Of(file, name).Modified;
        DateTime stored = folder.TryStat(renamed, out FileStat stat, out _) ? stat.Modified : time;
        _ = folder.Replace(renamed, name);
        return stored;
    });
}
