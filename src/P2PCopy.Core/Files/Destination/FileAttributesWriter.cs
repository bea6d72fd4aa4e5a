using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>
/// Sets modes and times. A file system that cannot keep them (FAT, some mounts) costs a warning, never the file.
/// </summary>
internal static class FileAttributesWriter
{
    // Set-user-id, set-group-id and sticky never come from a peer.
    private const int Permissions = 0x1FF;
    private const int WriteBits = 0x92;

    private static readonly Lazy<int> NewFileMode = new(() => 0x1B6 & ~Mask());

    /// <summary>Sets what an open, finished file arrives with.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="path">The destination, whose own mode is kept where the sender has none.</param>
    /// <param name="entry">Mode and time.</param>
    /// <returns>A sentence when it could not be done.</returns>
    public static string? SetFile(SafeFileHandle file, string path, ManifestEntry entry)
    {
        if (!Posix.Available) return SetFileByLibrary(file, path, entry);

        int mode = entry.Mode ?? DefaultMode(path, entry.ReadOnly);
        int modeError = Posix.SetMode(file, mode & Permissions);
        int timeError = Posix.SetModified(file, entry.Modified);
        return modeError == 0 && timeError == 0 ? null
            : FileErrors.Write("Setting mode and time of", path, modeError != 0 ? modeError : timeError).Message;
    }

    /// <summary>Sets what a folder arrives with, when all in it is written.</summary>
    /// <returns>A sentence when it could not be done.</returns>
    public static string? SetFolder(string path, DateTime modified, int? mode, bool readOnly)
    {
        if (Posix.Available)
        {
            // Time first: a mode of 0555 does not forbid it to the owner, but one of 0000 may.
            int timeError = Posix.SetModified(path, modified, ofLink: false);
            int modeError = mode is { } bits ? Posix.SetMode(path, bits & Permissions) : 0;
            return modeError == 0 && timeError == 0 ? null
                : FileErrors.Write("Setting mode and time of", path, modeError != 0 ? modeError : timeError).Message;
        }

        try
        {
            Directory.SetLastWriteTimeUtc(path, modified);
            if (OperatingSystem.IsWindows() && readOnly) File.SetAttributes(path, File.GetAttributes(path) | FileAttributes.ReadOnly);
            return null;
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            return FileErrors.Write("Setting the time of", path, exception).Message;
        }
    }

    private static int DefaultMode(string path, bool readOnly)
    {
        int mode = FileStat.TryRead(path, followLinks: false, out FileStat stat, out _) && stat.Kind == FileStatKind.File && stat.Mode is { } own
            ? own
            : NewFileMode.Value;
        return readOnly ? mode & ~WriteBits : mode;
    }

    // Asking umask(2) means changing it for every thread for a moment; Linux tells it in a file.
    private static int Mask()
    {
        const int usual = 0x12;
        try
        {
            foreach (string line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("Umask:", StringComparison.Ordinal)) return Convert.ToInt32(line[6..].Trim(), 8);
            }
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            // No such file system here.
        }

        return usual;
    }

    private static string? SetFileByLibrary(SafeFileHandle file, string path, ManifestEntry entry)
    {
        try
        {
            File.SetLastWriteTimeUtc(file, entry.Modified);
            if (OperatingSystem.IsWindows())
            {
                bool readOnly = entry.Mode is { } mode ? (mode & WriteBits) == 0 : entry.ReadOnly;
                if (readOnly) File.SetAttributes(file, FileAttributes.ReadOnly);
            }
            else
            {
                File.SetUnixFileMode(file, (UnixFileMode)((entry.Mode ?? DefaultMode(path, entry.ReadOnly)) & Permissions));
            }

            return null;
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            return FileErrors.Write("Setting mode and time of", path, exception).Message;
        }
    }
}
