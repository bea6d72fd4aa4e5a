using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>What became of a finished file or link.</summary>
/// <param name="FullPath">Where it is.</param>
/// <param name="WasSkipped">True when another file came to be there meanwhile and the policy keeps it.</param>
/// <param name="Warning">A sentence when its mode or time could not be set.</param>
internal readonly record struct CommitResult(string FullPath, bool WasSkipped = false, string? Warning = null);

/// <summary>Puts a finished file in its place in one step: nobody ever sees half of it, and nothing is lost to a race.</summary>
internal static class Placement
{
    private const int MaxNumber = 9999;

    /// <summary>
    /// Renames a finished partial as the policy says for what is at the destination now, which may have changed since the
    /// offer was answered.
    /// </summary>
    /// <inheritdoc cref="Put(string, string, ConflictPolicy)"/>
    public static CommitResult Put(string partial, string path, ManifestEntry entry, DestinationOptions options)
    {
        CommitResult result = options.Own?.Find(path) is { } own
            ? Put(partial, own.FullPath, ConflictPolicy.Overwrite)
            : Put(partial, path, options.OnConflict == ConflictPolicy.Newer && IsNotOlder(path, entry, options) ? ConflictPolicy.Skip : options.OnConflict);
        if (!result.WasSkipped) options.Own?.Note(path, result.FullPath);
        return result;
    }

    private static bool IsNotOlder(string path, ManifestEntry entry, DestinationOptions options)
        => FileStat.TryRead(path, followLinks: false, out FileStat there, out _) && entry.Modified - there.Modified <= options.ModifyWindow;

    /// <summary>Renames a finished partial as the policy says. A partial that is not wanted any more is deleted.</summary>
    /// <exception cref="P2PException">It cannot be, or a file that must not be replaced is there.</exception>
    public static CommitResult Put(string partial, string path, ConflictPolicy policy)
    {
        switch (policy)
        {
            case ConflictPolicy.Rename:
                return PutNumbered(partial, path);

            case ConflictPolicy.Skip or ConflictPolicy.Fail:
                int error = MoveNew(partial, path);
                if (error == 0) return new CommitResult(path);
                if (error != Posix.AlreadyExists) throw FileErrors.Write("Writing", path, error);
                File.Delete(partial);
                return policy == ConflictPolicy.Skip
                    ? new CommitResult(path, WasSkipped: true)
                    : throw new P2PException(
                        P2PErrorCode.DestinationExists,
                        $"Writing \"{VisibleText.Name(path)}\" failed: it came to exist meanwhile. Choose another conflict policy to replace it.");

            default:
                Replace(partial, path);
                return new CommitResult(path);
        }
    }

    private static CommitResult PutNumbered(string partial, string path)
    {
        string candidate = path;
        for (int number = 1; number <= MaxNumber; number++)
        {
            int error = MoveNew(partial, candidate);
            if (error == 0) return new CommitResult(candidate);
            if (error != Posix.AlreadyExists) throw FileErrors.Write("Writing", candidate, error);
            candidate = Numbered(path, number);
        }

        throw new P2PException(P2PErrorCode.DestinationExists, $"Writing \"{VisibleText.Name(path)}\" failed: {MaxNumber} files of that name exist.");
    }

    /// <summary><c>name (1).ext</c>, its stem cut where the whole would be too long for a file system.</summary>
    internal static string Numbered(string path, int number)
    {
        string name = Path.GetFileName(path);
        string extension = Path.GetExtension(name);
        if (extension.Length == name.Length || extension.Length > WireName.MaxPart / 2) extension = "";
        string stem = name[..^extension.Length];
        string suffix = $" ({number}){extension}";
        while (System.Text.Encoding.UTF8.GetByteCount(stem + suffix) > WireName.MaxPart)
        {
            stem = stem[..^(stem.Length > 1 && char.IsLowSurrogate(stem[^1]) ? 2 : 1)];
        }

        return Path.Combine(Path.GetDirectoryName(path) ?? "", stem + suffix);
    }

    private static void Replace(string partial, string path)
    {
        if (Posix.Available)
        {
            int error = Posix.Replace(partial, path);
            if (error != 0) throw FileErrors.Write("Writing", path, error);
            return;
        }

        try
        {
            // Windows does not replace a read-only file.
            if (OperatingSystem.IsWindows() && File.Exists(path) && (File.GetAttributes(path) & FileAttributes.ReadOnly) != 0)
            {
                File.SetAttributes(path, FileAttributes.Normal);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Write("Writing", path, exception);
        }
    }

    private static int MoveNew(string partial, string path)
    {
        if (Posix.Available) return Posix.MoveNew(partial, path);
        try
        {
            File.Move(partial, path, overwrite: false);
            return 0;
        }
        catch (IOException) when (File.Exists(path) || Directory.Exists(path))
        {
            return Posix.AlreadyExists;
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Write("Writing", path, exception);
        }
    }
}
