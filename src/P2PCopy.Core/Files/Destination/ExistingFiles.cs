using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>What the destination has of accepted names. Nothing is opened through a link. Safe from any thread.</summary>
internal sealed class ExistingFiles(DestinationFolders folders, FileAttributesWriter attributes)
{
    /// <summary>Opens an existing file for reading.</summary>
    /// <exception cref="P2PException">It cannot be read.</exception>
    public SafeFileHandle Open(string name)
    {
        using FolderHandle folder = folders.Open(WireName.Parent(name));
        return folder.OpenRead(WireName.Last(name).ToString(), out int error)
            ?? throw FileErrors.Write("Reading the old content of", folders.PathOf(name), error);
    }

    /// <summary>Opens a partial for reading, if it may be continued.</summary>
    /// <exception cref="P2PException">It cannot be read.</exception>
    public SafeFileHandle OpenPartial(string name)
    {
        using FolderHandle folder = folders.Open(WireName.Parent(name));
        return PartialFile.OpenRead(folder, WireName.Partial(WireName.Last(name)), out int error)
            ?? throw FileErrors.Write("Reading the old content of", folders.PathOf(name), error);
    }

    /// <summary>Whether a folder that exists gets other permission bits.</summary>
    public bool ChangesMode(ManifestEntry entry)
    {
        if (!FileSystem.Current.HasModes || !attributes.PreservesMode || entry.Mode is not { } mode)
            return false;
        try
        {
            using FolderHandle folder = folders.Open(entry.Name);
            return (((folder.Stat().Mode ?? UnixFileMode.None) ^ (UnixFileMode)mode) & FileSystem.AllPermissions) != UnixFileMode.None;
        }
        catch (Exception e) when (e is P2PException or IOException)
        {
            return true; // nothing is known about it
        }
    }

    /// <summary>Gives an existing file, whose content is the offered one already, the offered mode and time.</summary>
    /// <param name="entry">The offered file.</param>
    /// <param name="compared">The existing file when it was compared.</param>
    /// <returns>A sentence when it could not be done.</returns>
    /// <exception cref="P2PException">It cannot be opened, or is not any more what was compared.</exception>
    public string? Adopt(ManifestEntry entry, in FileStat compared)
    {
        string path = folders.PathOf(entry.Name);
        using FolderHandle folder = folders.Open(WireName.Parent(entry.Name));
        using SafeFileHandle file = folder.OpenAttributes(WireName.Last(entry.Name).ToString(), out int error)
            ?? throw FileErrors.Write("Setting mode and time of", path, error);
        FileStat now = FileErrors.StatOf(file, path);
        if (!now.IsUnchangedSince(compared))
            throw FileErrors.Meddled(path);
        return attributes.SetTime(file, path, entry, now.Device)
            ?? FileAttributesWriter.SetMode(file, path, attributes.ModeOf(entry, now.Mode, FileSystem.AllPermissions));
    }
}
