using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Destination;

/// <summary>
/// An empty file that exists for a moment, to learn how a file system behaves in a folder. It is named like a partial, so
/// that the sweep removes one that a killed process left.
/// </summary>
internal static class ScratchFile
{
    /// <summary>Creates one, asks a question about it and removes it.</summary>
    /// <returns>The answer, or null when it cannot be created.</returns>
    public static T? Ask<T>(FolderHandle folder, Func<string, SafeFileHandle, T> question)
        where T : struct
    {
        // A letter in front, so that the name has another spelling.
        string name = $".a{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))[1..]}.p2ppart";
        SafeFileHandle? file = folder.CreateNew(name, out _);
        if (file is null)
            return null;
        try
        {
            return question(name, file);
        }
        catch (IOException)
        {
            return null;
        }
        finally
        {
            if (FileSystem.Current.RenamesOpenFiles)
                _ = folder.Remove(name);
            file.Dispose();
            if (!FileSystem.Current.RenamesOpenFiles)
                _ = folder.Remove(name);
        }
    }
}
