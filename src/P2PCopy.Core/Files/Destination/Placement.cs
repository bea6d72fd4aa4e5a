using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>The outcome of a finished file or link.</summary>
/// <param name="FullPath">Its path.</param>
/// <param name="WasSkipped">Whether another file appeared in the meantime and the policy keeps it.</param>
/// <param name="Warning">A sentence if its mode or time could not be set; else null.</param>
internal readonly record struct CommitResult(string FullPath, bool WasSkipped = false, string? Warning = null);

/// <summary>Renames a finished partial in one step, so that the destination is always either the old or the new file.</summary>
internal static class Placement
{
    private const int MaxNumber = 9999;

    /// <summary>
    /// Renames a finished partial according to the policy. The destination may have changed since the offer was answered.
    /// </summary>
    /// <inheritdoc cref="Put(FolderHandle, string, string, ConflictPolicy)"/>
    public static CommitResult Put(FolderHandle folder, string partial, string path, ManifestEntry entry, DestinationOptions options)
    {
        CommitResult result = options.Own?.Find(folder, path) is { } own
            ? Put(folder, partial, own.FullPath, ConflictPolicy.Overwrite)
            : Put(folder, partial, path, Policy(folder, path, entry, options));
        if (!result.WasSkipped)
            options.Own?.Note(folder, path, result.FullPath);
        return result;
    }

    private static ConflictPolicy Policy(FolderHandle folder, string path, ManifestEntry entry, DestinationOptions options) => options.OnConflict switch
    {
        ConflictPolicy.Newer when IsNotOlder(folder, path, entry, options) => ConflictPolicy.Skip,

        // A file that appeared during the transfer was not asked about.
        ConflictPolicy.Ask => options.Replaces(entry.Name) == true ? ConflictPolicy.Update : ConflictPolicy.Fail,
        _ => options.OnConflict,
    };

    /// <summary>Renames a finished partial if its destination is free, which no policy forbids.</summary>
    /// <returns>Null if it is not free or the system refused; <see cref="Put(FolderHandle, string, string, ManifestEntry, DestinationOptions)"/> decides then.</returns>
    public static CommitResult? TryPutNew(FolderHandle folder, string partial, string path, DestinationOptions options)
    {
        if (folder.MoveNew(partial, Path.GetFileName(path)) != 0)
            return null;
        options.Own?.Note(folder, path, path);
        return new CommitResult(path);
    }

    private static bool IsNotOlder(FolderHandle folder, string path, ManifestEntry entry, DestinationOptions options)
        => folder.TryStat(Path.GetFileName(path), out FileStat there, out _) && entry.Modified - there.Modified <= options.ModifyWindow;

    /// <summary>Renames a finished partial according to the policy. A partial that is no longer wanted is deleted.</summary>
    /// <param name="folder">The folder of both.</param>
    /// <param name="partial">The name of the partial.</param>
    /// <param name="path">The destination; its last name is used in <paramref name="folder"/>.</param>
    /// <param name="policy">How to treat a file that exists.</param>
    /// <exception cref="P2PException">It cannot be renamed, or a file that must not be replaced exists.</exception>
    public static CommitResult Put(FolderHandle folder, string partial, string path, ConflictPolicy policy)
    {
        string name = Path.GetFileName(path);
        switch (policy)
        {
            case ConflictPolicy.Rename:
                return PutNumbered(folder, partial, path);

            case ConflictPolicy.Skip or ConflictPolicy.Fail:
                int error = folder.MoveNew(partial, name);
                if (error == 0)
                    return new CommitResult(path);
                if (error != FileErrors.AlreadyExists)
                    throw FileErrors.Write("Writing", path, error);
                _ = folder.Remove(partial);
                return policy == ConflictPolicy.Skip
                    ? new CommitResult(path, WasSkipped: true)
                    : throw new P2PException(
                        P2PErrorCode.DestinationExists,
                        $"Writing \"{VisibleText.Name(path)}\" failed: another program created it during the transfer.")
                    {
                        Hint = "Choose another conflict policy to replace it.",
                    };

            default:
                error = folder.Replace(partial, name);
                return error == 0 ? new CommitResult(path) : throw FileErrors.Write("Writing", path, error);
        }
    }

    /// <summary><c>name (1).ext</c>, with a shorter stem if the name would be too long for a file system.</summary>
    internal static string Numbered(string path, int number)
    {
        string name = Path.GetFileName(path);
        string extension = Path.GetExtension(name);
        if (extension.Length == name.Length || extension.Length > WireName.MaxPart / 2)
            extension = "";
        string stem = name[..^extension.Length];
        string suffix = $" ({number}){extension}";
        while (System.Text.Encoding.UTF8.GetByteCount(stem + suffix) > WireName.MaxPart)
        {
            stem = stem[..^(stem.Length > 1 && char.IsLowSurrogate(stem[^1]) ? 2 : 1)];
        }

        return Path.Combine(Path.GetDirectoryName(path) ?? "", stem + suffix);
    }

    private static CommitResult PutNumbered(FolderHandle folder, string partial, string path)
    {
        string candidate = path;
        for (int number = 1; number <= MaxNumber; number++)
        {
            int error = folder.MoveNew(partial, Path.GetFileName(candidate));
            if (error == 0)
                return new CommitResult(candidate);
            if (error != FileErrors.AlreadyExists)
                throw FileErrors.Write("Writing", candidate, error);
            candidate = Numbered(path, number);
        }

        throw new P2PException(P2PErrorCode.DestinationExists, $"Writing \"{VisibleText.Name(path)}\" failed: {MaxNumber} files of that name exist.");
    }
}
