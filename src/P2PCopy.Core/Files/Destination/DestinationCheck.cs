using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>Finds before a receiver waits for its sender what it could not write to.</summary>
internal static class DestinationCheck
{
    /// <summary>Refuses a destination that is no folder, or that this user may not write to or create.</summary>
    /// <exception cref="P2PException">It is.</exception>
    public static void Refuse(string destination)
    {
        if (destination.Length == 0)
            throw new P2PException(P2PErrorCode.InvalidOption, "`Destination` is empty.") { Hint = "Name a folder." };
        string full = Path.GetFullPath(destination);
        for (string? folder = full; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (!FileStat.TryRead(folder, followLinks: true, out FileStat stat, out int error))
            {
                if (error == FileErrors.NoSuchFile)
                {
                    if (FileStat.TryRead(folder, followLinks: false, out _, out _))
                        throw new P2PException(P2PErrorCode.InvalidOption, $"The destination \"{VisibleText.Name(folder)}\" is a link to a folder that does not exist.") { Hint = "Create the folder that it points to, or remove the link." };
                    continue;
                }

                throw Failed(full, folder, error);
            }

            if (stat.Kind != FileStatKind.Folder)
                throw new P2PException(P2PErrorCode.InvalidOption, $"The destination \"{VisibleText.Name(folder)}\" is not a folder.") { Hint = "Name a folder, or remove what is there." };
            if (FileSystem.Current.MayWrite(folder) is > 0 and int reason)
                throw Failed(full, folder, reason);
            return;
        }
    }

    private static P2PException Failed(string destination, string folder, int error)
        => FileErrors.Write(destination == folder ? "Writing to" : $"Creating \"{VisibleText.Name(destination)}\" in", folder, error);
}
