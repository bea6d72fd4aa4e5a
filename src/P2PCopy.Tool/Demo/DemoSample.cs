using P2PCopy.Files.Platform;

namespace P2PCopy.Tool.Demo;

/// <summary>Sample data for a demo without paths: one large file, many small files, an empty file and an empty folder.</summary>
internal static class DemoSample
{
    private const int LargeFileBytes = 64 << 20;
    private const int SmallFiles = 200;

    /// <exception cref="P2PException">It cannot be written.</exception>
    public static string Create(string folder, CancellationToken cancellationToken)
    {
        try
        {
            Write(folder, cancellationToken);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw FileErrors.Write("Writing the sample", folder, e);
        }
    }

    private static void Write(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(folder, "many"));
        Directory.CreateDirectory(Path.Combine(folder, "empty folder"));
        File.Create(Path.Combine(folder, "empty.txt")).Dispose();

        var random = new Random();
        var buffer = new byte[1 << 20];
        using (FileStream large = File.Create(Path.Combine(folder, "large.bin")))
        {
            for (int written = 0; written < LargeFileBytes; written += buffer.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                random.NextBytes(buffer);
                large.Write(buffer);
            }
        }

        for (int i = 0; i < SmallFiles; i++)
        {
            random.NextBytes(buffer.AsSpan(0, 4096));
            File.WriteAllBytes(Path.Combine(folder, "many", $"{i:000}.bin"), buffer.AsSpan(0, random.Next(1, 4096)));
        }
    }
}
