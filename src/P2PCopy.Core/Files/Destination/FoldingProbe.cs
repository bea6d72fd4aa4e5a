using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>Tells whether a file system takes two spellings for one name.</summary>
internal interface IFoldingProbe
{
    /// <summary>True when names that differ in case, or in Unicode composition, are one name in this folder.</summary>
    /// <param name="folder">The destination; may not exist yet.</param>
    bool Folds(string folder);
}

/// <summary>
/// Asks the file system without writing to it: a name that is there, spelled in the other case, either is the same file
/// or is not.
/// </summary>
internal sealed class FoldingProbe : IFoldingProbe
{
    /// <summary>The probe; it holds nothing.</summary>
    public static FoldingProbe Instance { get; } = new();

    /// <inheritdoc/>
    public bool Folds(string folder)
    {
        // macOS takes both compositions of a letter for one even on its case-sensitive variant.
        if (!OperatingSystem.IsLinux()) return true;

        string existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent) existing = parent;
        return FromContent(existing) ?? FromOwnName(existing) ?? FromFormat(existing);
    }

    private static bool? FromContent(string folder)
    {
        const int tries = 16;
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(folder).Take(tries))
            {
                if (SameInOtherCase(path) is { } answer) return answer;
            }
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            // A folder that cannot be listed is judged by its own name.
        }

        return null;
    }

    // The folder's own name is an entry of its parent, which tells the same only on the same device.
    private static bool? FromOwnName(string folder)
        => Path.GetDirectoryName(folder) is { } parent
            && FileStat.TryRead(folder, followLinks: true, out FileStat own, out _)
            && FileStat.TryRead(parent, followLinks: true, out FileStat above, out _)
            && own.Device == above.Device
                ? SameInOtherCase(folder)
                : null;

    private static bool? SameInOtherCase(string path)
    {
        string name = Path.GetFileName(path);
        string other = string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)));
        if (other == name || !FileStat.TryRead(path, followLinks: false, out FileStat stat, out _)) return null;

        string otherPath = Path.Combine(Path.GetDirectoryName(path) ?? "", other);
        return FileStat.TryRead(otherPath, followLinks: false, out FileStat otherStat, out _) && stat.IsSameAs(otherStat);
    }

    private static bool FromFormat(string folder)
    {
        try
        {
            return new DriveInfo(folder).DriveFormat is "vfat" or "msdos" or "exfat" or "ntfs" or "ntfs3" or "cifs" or "smb2" or "smb3" or "hfs" or "hfsplus";
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            return false;
        }
    }
}
