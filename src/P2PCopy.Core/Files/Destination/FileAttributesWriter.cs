using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>
/// Sets modes and times. If a file system cannot store them (FAT, some mounts), this is a warning and the file is not affected.
/// </summary>
/// <remarks>
/// Without <paramref name="preserveMode"/> modes are those that <c>cp -r</c> gives: a new file or folder has the sender's
/// mode as far as the umask or the default ACL permits, and an existing one keeps its own. Set-user-id, set-group-id and
/// sticky never come from a peer; a folder keeps those that it has.
/// </remarks>
internal sealed class FileAttributesWriter(bool preserveMode)
{
    private const UnixFileMode NewFile = FileSystem.AllPermissions & ~FileSystem.AllExecute;

    // FAT keeps even seconds only.
    private static readonly TimeSpan Coarsest = TimeSpan.FromSeconds(2);

    // Devices that are known to keep times.
    private readonly ConcurrentDictionary<ulong, bool> _keepsTimes = new();

    private int _timesAreLost;

    /// <summary>Whether files and folders get exactly the permission bits of the sender.</summary>
    public bool PreservesMode => preserveMode;

    /// <summary>The mode of a received file.</summary>
    /// <param name="entry">What was offered.</param>
    /// <param name="replaced">The mode of the file that it replaces; null when it is new.</param>
    /// <param name="newMask">The permission bits that new files keep in its folder.</param>
    public UnixFileMode ModeOf(ManifestEntry entry, UnixFileMode? replaced, UnixFileMode newMask)
    {
        UnixFileMode mode = preserveMode && entry.Mode is { } exact ? (UnixFileMode)exact
            : replaced ?? (((UnixFileMode?)entry.Mode ?? NewFile) & newMask);
        if (entry is { Mode: null, ReadOnly: true })
            mode &= ~FileSystem.AllWrite;
        return mode & FileSystem.AllPermissions;
    }

    /// <summary>The mode that a folder is made with; its owner may write until the end.</summary>
    public static UnixFileMode InitialMode(ManifestEntry entry)
        => (((UnixFileMode?)entry.Mode ?? FileSystem.AllPermissions) & FileSystem.AllPermissions) | FileSystem.OwnerAll;

    /// <summary>Sets the modification time of an open file.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="entry">What was offered.</param>
    /// <param name="device">Its device; 0 where unknown.</param>
    /// <returns>A sentence when it could not be done.</returns>
    public string? SetTime(SafeFileHandle file, string path, ManifestEntry entry, ulong device)
    {
        int error = FileSystem.Current.SetModified(file, entry.Modified);
        if (error != 0)
            return Failed(path, error);
        if (_keepsTimes.ContainsKey(device))
            return null;
        if ((FileErrors.StatOf(file, path).Modified - entry.Modified).Duration() > Coarsest)
            return TimesAreLost(path);
        if (device != 0)
            _keepsTimes[device] = true;
        return null;
    }

    /// <summary>Sets the permission bits of an open file, or its read-only attribute where there are none.</summary>
    /// <returns>A sentence when it could not be done.</returns>
    public static string? SetMode(SafeFileHandle file, string path, UnixFileMode mode)
    {
        int error = FileSystem.Current.HasModes
            ? FileSystem.Current.SetMode(file, mode)
            : FileSystem.Current.SetReadOnly(file, (mode & FileSystem.AllWrite) == 0);
        return error == 0 ? null : Failed(path, error);
    }

    /// <summary>Sets the mode and the time of a folder, when its content is written.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="entry">What was offered.</param>
    /// <param name="isNew">It was made by this transfer.</param>
    /// <param name="ownMode">The mode that it had before it was made writable; null when it was not.</param>
    /// <returns>A sentence when it could not be done.</returns>
    public string? SetFolder(FolderHandle folder, string path, ManifestEntry entry, bool isNew, UnixFileMode? ownMode)
    {
        // The time first, because the mode may forbid access.
        int timeError = folder.SetModified(entry.Modified);
        int modeError = 0;
        if (FileSystem.Current.HasModes)
        {
            UnixFileMode now = folder.Stat().Mode ?? UnixFileMode.None;
            UnixFileMode? wanted = (UnixFileMode?)entry.Mode & FileSystem.AllPermissions;
            UnixFileMode mode = preserveMode && wanted is { } exact ? (now & ~FileSystem.AllPermissions) | exact
                : isNew ? now & ~(FileSystem.OwnerAll & ~(wanted ?? FileSystem.OwnerAll))
                : ownMode ?? now;
            if (mode != now)
                modeError = folder.SetMode(mode);
        }
        else if (entry.ReadOnly)
        {
            modeError = folder.SetReadOnly();
        }

        return modeError == 0 && timeError == 0 ? null : Failed(path, modeError != 0 ? modeError : timeError);
    }

    private static string Failed(string path, int error) => FileErrors.Write("Setting mode and time of", path, error).Message;

    // One warning for each session, because it applies to every file.
    private string? TimesAreLost(string path) => Interlocked.Exchange(ref _timesAreLost, 1) != 0 ? null
        : $"The file system of \"{VisibleText.Name(path)}\" does not keep modification times, so later runs cannot recognise unchanged files.";
}
