using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Probes;

/// <summary>Finds out whether a folder treats two spellings of a name as the same name.</summary>
internal interface IFoldingProbe
{
    /// <summary>Whether names that differ in case or in Unicode composition are the same name in this folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="path">Its path.</param>
    bool Folds(FolderHandle folder, string path);
}

/// <summary>
/// Creates a scratch file and looks for it under another case of its name. If it cannot be created, an existing name in the folder
/// is used, and otherwise the format of the file system.
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
        => FileSystem.Current.FormatOf(path) is "vfat" or "msdos" or "exfat" or "ntfs" or "ntfs3" or "cifs" or "smb2" or "smb3" or "hfs" or "hfsplus";
}
