using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Probes;

/// <summary>
/// An empty file that exists for a moment, to find out how a file system behaves in a folder. It has the name of a partial, so
/// that the sweep removes it if the process is killed.
/// </summary>
internal static class ScratchFile
{
    /// <summary>Creates the file, runs a test with it and removes it.</summary>
    /// <returns>The result of the test; null if the file cannot be created.</returns>
    public static T? Ask<T>(FolderHandle folder, Func<string, SafeFileHandle, T> question)
        where T : struct
    {
        // The name begins with a letter, so that it has another spelling.
        string name = $".a{Convert.ToHexStringLower(RandomSource.Bytes(8))[1..]}.p2ppart";
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
