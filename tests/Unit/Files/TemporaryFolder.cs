namespace P2PCopy.Tests.Unit.Files;

/// <summary>A folder of its own for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder(string? parent = null)
    {
        FullPath = Path.Combine(parent ?? Path.GetTempPath(), "p2pcopy-test-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(FullPath);
    }

    public string FullPath { get; }

    public string this[string name] => Path.Combine(FullPath, OperatingSystem.IsWindows() ? name.Replace('/', '\\') : name);

    public string File(string name, string content = "content", DateTime? modified = null)
    {
        string path = this[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        if (modified is { } time)
            System.IO.File.SetLastWriteTimeUtc(path, time);
        return path;
    }

    public string Folder(string name) => Directory.CreateDirectory(this[name]).FullName;

    public string Link(string name, string target)
    {
        System.IO.File.CreateSymbolicLink(this[name], target);

        // Wine reports success and makes none.
        if (OperatingSystem.IsWindows() && new FileInfo(this[name]).LinkTarget is null)
            Assert.Skip("This system makes no symbolic links.");
        return this[name];
    }

    /// <summary>Skips a test where the system makes no symbolic links.</summary>
    public void RequireLinks() => System.IO.File.Delete(Link("probe-of-links", "x"));

    /// <summary>Permission bits; only where there are any.</summary>
    public static int Mode(string path)
        => OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : (int)System.IO.File.GetUnixFileMode(path);

    public static void SetMode(string path, int mode)
    {
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(path, (UnixFileMode)mode);
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(FullPath, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !OperatingSystem.IsWindows())
        {
            // Names that the library cannot spell, or folders without a write bit.
            Shell.Run("chmod", "-R", "u+rwX", FullPath);
            Shell.Run("rm", "-rf", FullPath);
        }
    }
}
