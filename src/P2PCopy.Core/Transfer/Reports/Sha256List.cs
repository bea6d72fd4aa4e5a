using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy;

/// <summary>Writes the digests of a transfer as a list that <c>sha256sum -c</c> reads in the destination folder.</summary>
public static class Sha256List
{
    /// <summary>
    /// Writes one line for each file at the destination: copied files with the confirmed hash, and unchanged files with the hash of
    /// the existing file, which is read for this. The list is written completely or not at all, except to what is not a file, such
    /// as a pipe or a device: it is written to and stays what it is.
    /// </summary>
    /// <param name="path">The file to write; a file that exists is replaced.</param>
    /// <param name="destination">The folder that names in the list are relative to.</param>
    /// <param name="report">The report of the transfer.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <exception cref="IOException">The list could not be written.</exception>
    public static async Task WriteAsync(
        string path, string destination, TransferReport report, CancellationToken cancellationToken = default)
    {
        string root = System.IO.Path.GetFullPath(destination);
        if (IsDevice(path))
        {
            await WriteLinesAsync(path, root, report, cancellationToken).ConfigureAwait(false);
            return;
        }

        string unfinished = $"{path}.{Guid.NewGuid():N}.new"; // beside it, so that the rename stays in one file system
        try
        {
            await WriteLinesAsync(unfinished, root, report, cancellationToken).ConfigureAwait(false);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new IOException($"no file can be created in \"{VisibleText.Name(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!)}\"", e);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Finds before a transfer that the list could not be written after it.</summary>
    /// <exception cref="P2PException">It could not.</exception>
    internal static void Check(string path)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) ?? path;
        if (IsDevice(path))
            return;
        if (Directory.Exists(path))
            throw new P2PException(P2PErrorCode.InvalidOption, $"The digest list \"{VisibleText.Name(path)}\" is a folder.") { Hint = "Name a file." };
        if (!Directory.Exists(folder))
            throw new P2PException(P2PErrorCode.InvalidOption, $"The folder of the digest list, \"{VisibleText.Name(folder)}\", does not exist.") { Hint = "Create it, or name a file in another folder." };
        if (FileSystem.Current.MayWrite(folder) is > 0 and int error)
            throw FileErrors.Write($"Creating \"{VisibleText.Name(System.IO.Path.GetFileName(path))}\" in", folder, error);
    }

    /// <summary>Whether a path is a pipe or a device. Links are followed only where other users cannot make one, as <c>/dev/stdout</c>.</summary>
    private static bool IsDevice(string path)
    {
        if (!FileStat.TryRead(path, followLinks: false, out FileStat stat, out _))
            return false;
        string full = System.IO.Path.GetFullPath(path);
        return stat.Kind == FileStatKind.Special
            || (stat.Kind == FileStatKind.Link && !OperatingSystem.IsWindows() && (full.StartsWith("/dev/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal)));
    }

    private static async Task WriteLinesAsync(string path, string root, TransferReport report, CancellationToken cancellationToken)
    {
        var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await using (writer.ConfigureAwait(false))
        {
            writer.NewLine = "\n";
            foreach (FileReport file in report.Files.Where(f => f.Kind == FileReportKind.File && f.Status is FileStatus.Copied or FileStatus.Unchanged))
            {
                if ((file.Hash ?? await HashAsync(root, file, cancellationToken).ConfigureAwait(false)) is not { } hash)
                    continue;
                string name = file.FullName is { } full ? System.IO.Path.GetRelativePath(root, full) : file.Name;
                await writer.WriteLineAsync(Line(hash, name).AsMemory(), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The hash of an unchanged file; null for a copied one without a hash, which was not verified.</summary>
    private static async Task<string?> HashAsync(string root, FileReport file, CancellationToken cancellationToken)
    {
        if (file is not { Status: FileStatus.Unchanged, FullName: { } path })
            return null;
        var content = new FileStream(Open(root, path), FileAccess.Read);
        await using (content.ConfigureAwait(false))
            return Convert.ToHexString(await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Opens a file beneath the destination. Another user may have replaced it, or a folder above it, with a link since it was compared.</summary>
    private static SafeFileHandle Open(string root, string path)
    {
        using FolderHandle? top = FileSystem.Current.OpenFolder(root, out _);
        FolderHandle? folder = null;
        string parent = System.IO.Path.GetRelativePath(root, System.IO.Path.GetDirectoryName(path)!).Replace(System.IO.Path.DirectorySeparatorChar, '/');
        if (top is not null)
            _ = FolderWalk.TryOpen(top, root, parent == "." ? string.Empty : parent, followLinks: true, out folder, out _, out _);
        using (folder)
        {
            return folder?.OpenRead(System.IO.Path.GetFileName(path), out _)
                ?? throw new IOException($"\"{VisibleText.Name(path)}\" is no longer a file of the destination that can be read.");
        }
    }

    /// <summary>GNU coreutils mark a name with a backslash or a line end by a leading backslash, and escape both.</summary>
    internal static string Line(string hash, string name)
    {
        string escaped = name.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal);
        string mark = escaped.Length == name.Length ? string.Empty : "\\";
        return $"{mark}{hash.ToLowerInvariant()}  {escaped}";
    }
}
