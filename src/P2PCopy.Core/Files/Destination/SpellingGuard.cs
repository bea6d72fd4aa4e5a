using System.Collections.Concurrent;
using System.Text;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>
/// Detects a second spelling of a name that is not ASCII. The file with the second spelling is then the file that was
/// written with the first. Comparing the spellings needs Unicode tables, which a process without globalization
/// data does not have.
/// </summary>
/// <remarks>Safe for any number of threads at once.</remarks>
internal sealed class SpellingGuard
{
    private readonly ConcurrentDictionary<(ulong Device, ulong Inode), string> _written = new();

    /// <summary>Called before a name is written.</summary>
    /// <exception cref="P2PException">This session wrote the same file under another spelling.</exception>
    public void Check(FolderHandle folder, string name, string path)
    {
        if (Ascii.IsValid(name)
            || !folder.TryStat(name, out FileStat stat, out _)
            || !_written.TryGetValue((stat.Device, stat.Inode), out string? first)
            || first == path)
        {
            return;
        }

        throw new P2PException(
            P2PErrorCode.NameRefused,
            $"The name \"{VisibleText.Name(path)}\" was refused: it is the same name here as \"{VisibleText.Name(first)}\".");
    }

    /// <summary>Called after a name was written.</summary>
    public void Note(FolderHandle folder, string name, string path)
    {
        if (!Ascii.IsValid(name) && folder.TryStat(name, out FileStat stat, out _) && stat.Inode != 0)
            _written[(stat.Device, stat.Inode)] = path;
    }
}
