using System.Security.Cryptography;

namespace P2PCopy.Tool.Demo;

/// <summary>Compares sources and copies independently of the engine: it reads and hashes both.</summary>
internal static class DemoVerifier
{
    /// <param name="sent">The sender's report, with the path of each source.</param>
    /// <param name="received">The receiver's report, with the path of each copy.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<DemoVerdict> CompareAsync(TransferReport sent, TransferReport received, CancellationToken cancellationToken)
    {
        Dictionary<string, FileReport> copies = received.Files.ToDictionary(f => f.Name, StringComparer.Ordinal);
        var same = new List<(string, string)>();
        var different = new List<string>();
        foreach (FileReport source in sent.Files.Where(f => f.Kind == FileReportKind.File))
        {
            string? from = await HashAsync(source.FullName, cancellationToken);
            string? to = copies.TryGetValue(source.Name, out FileReport? copy) ? await HashAsync(copy.FullName, cancellationToken) : null;
            if (from is not null && from == to)
                same.Add((source.Name, from));
            else
                different.Add(source.Name);
        }

        return new DemoVerdict(
            same.Count + different.Count,
            sent.Files.Count(f => f.Kind == FileReportKind.Folder),
            sent.Files.Where(f => f.Kind == FileReportKind.File).Sum(f => f.Length),
            same, different);
    }

    private static async Task<string?> HashAsync(string? path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return null;

        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Convert.ToHexString(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
