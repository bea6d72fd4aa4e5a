using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Flushing;

/// <summary>
/// Writes entries that are at the destination through to the disk, with their names and the folders above, so that they survive
/// a power cut.
/// </summary>
/// <param name="folders">The folders of the destination.</param>
/// <remarks>Safe from any thread.</remarks>
internal sealed class NameBarrier(IPlacedFolders folders)
{
    /// <summary>Writes entries of this run through to the disk. The content of the files is there already.</summary>
    /// <returns>The failures, by name. All other entries are on the disk.</returns>
    public IReadOnlyDictionary<string, P2PException> Flush(IReadOnlyCollection<ManifestEntry> entries) => Flush(entries, withContent: false);

    /// <summary>Writes entries of an earlier run through to the disk, with their content. That run may have ended without it.</summary>
    /// <inheritdoc cref="Flush(IReadOnlyCollection{ManifestEntry})"/>
    public IReadOnlyDictionary<string, P2PException> FlushExisting(IReadOnlyCollection<ManifestEntry> entries) => Flush(entries, withContent: true);

    private Dictionary<string, P2PException> Flush(IReadOnlyCollection<ManifestEntry> entries, bool withContent)
    {
        var failures = new Dictionary<string, P2PException>(StringComparer.Ordinal);
        Dictionary<string, ulong> devices = new(StringComparer.Ordinal);
        foreach (IGrouping<ulong, ManifestEntry> device in entries.GroupBy(entry => DeviceOf(WireName.Parent(entry.Name), devices)))
        {
            int all = FlushAll(WireName.Parent(device.First().Name));
            var done = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (ManifestEntry entry in device)
            {
                int error = all == FileErrors.NotAvailable ? FlushOne(entry, withContent, done) : all;
                if (error != 0)
                    failures[entry.Name] = FileErrors.NotFlushed(folders.PathOf(entry.Name), error);
            }
        }

        return failures;
    }

    private ulong DeviceOf(string folder, Dictionary<string, ulong> known)
    {
        if (known.TryGetValue(folder, out ulong device))
            return device;
        _ = In(folder, open =>
        {
            device = open.TryStat("", out FileStat stat, out int error) ? stat.Device : 0;
            return error;
        });
        return known[folder] = device;
    }

    // Any folder of the device will do, but one without read permission cannot be opened for it.
    private int FlushAll(string folder)
    {
        int error = In(folder, FlushAll);
        return error == FileErrors.AccessDenied && folder.Length > 0 ? In("", FlushAll) : error;
    }

    private static int FlushAll(FolderHandle folder)
    {
        using SafeFileHandle? file = folder.OpenForFlush(out int error);
        return file is null ? error : FileSystem.Current.FlushAll(file);
    }

    private int FlushOne(ManifestEntry entry, bool withContent, Dictionary<string, int> done)
    {
        int error = withContent && entry.Kind == EntryKind.File
            ? In(WireName.Parent(entry.Name), folder => folder.FlushContent(WireName.Last(entry.Name).ToString()))
            : 0;
        return error == 0 ? FlushFolders(entry, done) : error;
    }

    // The folder of an entry has its name, and the folders above have that of the folder: they may be new, too.
    private int FlushFolders(ManifestEntry entry, Dictionary<string, int> done)
    {
        string folder = entry.Kind == EntryKind.Folder ? entry.Name : WireName.Parent(entry.Name);
        for (; ; folder = WireName.Parent(folder))
        {
            if (!done.TryGetValue(folder, out int error))
                done[folder] = error = In(folder, open => open.Flush());
            if (error != 0)
                return error;
            if (folder.Length == 0)
                return folders.FlushAboveRoot();
        }
    }

    private int In(string folder, Func<FolderHandle, int> action)
    {
        try
        {
            using FolderHandle open = folders.Open(folder);
            return action(open);
        }
        catch (P2PException)
        {
            return FileErrors.NoSuchFile; // it is not there any more
        }
    }
}
