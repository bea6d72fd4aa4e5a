namespace P2PCopy.Tests.Snapshots;

/// <summary>
/// A text that must not change by accident. P2PCOPY_UPDATE_SNAPSHOTS=1 writes it anew, for a change that is meant: it
/// then shows in review, line by line.
/// </summary>
internal static class Snapshot
{
    public static void Compare(string name, IEnumerable<string> lines)
    {
        string actual = string.Join('\n', lines) + "\n";
        if (Environment.GetEnvironmentVariable("P2PCOPY_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(Path.Combine(SourceFolder(), name), actual);
        else
            Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Snapshots", name)).ReplaceLineEndings("\n"), actual);
    }

    private static string SourceFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "P2PCopy.slnx")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new DirectoryNotFoundException("The tests do not run from inside the repository."), "tests/Snapshots");
    }
}
