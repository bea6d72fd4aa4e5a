namespace P2PCopy.Files.Platform;

/// <summary>Chooses the file system of this process.</summary>
internal static class ThisSystem
{
    /// <summary>The system calls where they are known, else the base class library.</summary>
    public static FileSystem Files { get; } = Posix.Available ? new PosixFileSystem() : new LibraryFileSystem();
}
