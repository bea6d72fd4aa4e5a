using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>Tells whether a folder treats two spellings of a name as one.</summary>
internal interface IFoldingProbe
{
    /// <summary>True when names that differ in case, or in Unicode composition, are one name in this folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="path">Its path.</param>
    bool Folds(FolderHandle folder, string path);
}

/// <summary>
/// Asks the folder itself: whether a scratch file is found under the other case of its name. If none can be created, a name
/// in the folder answers, and at last the format of the file system, because many formats do not tell.
/// </summary>
internal sealed class FoldingProbe : IFoldingProbe
{
    /// <summary>The probe; it has no state.</summary>
    public static FoldingProbe Instance { get; } = new();

    /// <inheritdoc/>
    public bool Folds(FolderHandle folder, string path)
        => FileSystem.Current.AlwaysFolds
            || (ScratchFile.Ask(folder, (name, file) => folder.TryStat(OtherCase(name), out _, out _)) ?? FromContent(folder, path) ?? FromFormat(path));

    private static bool? FromContent(FolderHandle folder, string path)
    {
        const int tries = 16;
        try
        {
            foreach (string name in folder.List(path).Take(tries))
            {
                if (OtherCase(name) != name)
                    return IsFound(folder, name);
            }
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            // A folder that cannot be listed is judged by its format.
        }

        return null;
    }

    private static bool IsFound(FolderHandle folder, string name)
        => folder.TryStat(name, out FileStat stat, out _)
            && folder.TryStat(OtherCase(name), out FileStat other, out _)
            && stat.IsSameAs(other);

    private static string OtherCase(string name)
        => string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)));

    private static bool FromFormat(string path)
    {
        try
        {
            return new DriveInfo(path).DriveFormat is "vfat" or "msdos" or "exfat" or "ntfs" or "ntfs3" or "cifs" or "smb2" or "smb3" or "hfs" or "hfsplus";
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            return false;
        }
    }
}
