using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;

namespace P2PCopy.Tests;

/// <summary>Received files in tests.</summary>
internal static class IncomingFiles
{
    /// <summary>Completes a file and waits for the disk.</summary>
    public static CommitResult Commit(this IncomingFile file, ManifestEntry entry, long length, bool isNew = false)
        => file.CommitAsync(entry, length, isNew).AsTask().GetAwaiter().GetResult();
}
