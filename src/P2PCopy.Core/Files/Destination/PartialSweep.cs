using P2PCopy.Files.Names;

namespace P2PCopy.Files.Destination;

/// <summary>
/// Removes partials that nobody came back for. A receiver that ends removes or keeps its own; only one that was killed
/// leaves some that no later run may ever ask for, and in a drop box these would pile up.
/// </summary>
internal static class PartialSweep
{
    /// <summary>Removes the partials below a folder that were last written before a moment and that no transfer has open.</summary>
    /// <returns>How many were removed.</returns>
    public static int Run(string root, DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(root)) return 0;
        int removed = 0;
        var walk = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (FileInfo file in new DirectoryInfo(root).EnumerateFiles("*.p2ppart", walk))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (WireName.IsPartial(file.Name) && file.LastWriteTimeUtc < olderThan.UtcDateTime && Remove(file.FullName)) removed++;
        }

        return removed;
    }

    private static bool Remove(string partial)
    {
        try
        {
            using IncomingFile? file = IncomingFile.TryOpen(partial, partial, resume: true, new DestinationOptions(), guard: null, out _);
            file?.Abandon(keepPartial: false);
            return file is not null;
        }
        catch (P2PException)
        {
            // Somebody writes it, or it is not ours to open: a leftover does no harm.
            return false;
        }
    }
}
