using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Flushing;

/// <summary>The folders in which entries were placed.</summary>
internal interface IPlacedFolders
{
    /// <summary>The local path of a name.</summary>
    string PathOf(string name);

    /// <summary>Opens a folder.</summary>
    /// <exception cref="P2PException">It does not exist.</exception>
    FolderHandle Open(string folder);

    /// <summary>Writes the names of the folders through to the disk that were made above the destination.</summary>
    /// <returns>0 or the error.</returns>
    int FlushAboveRoot();
}
