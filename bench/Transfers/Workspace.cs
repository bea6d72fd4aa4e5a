namespace P2PCopy.Bench.Transfers;

/// <summary>What was asked for on the command line.</summary>
internal sealed record Settings
{
    /// <summary>How often each contender runs.</summary>
    public int Runs { get; init; } = 5;

    /// <summary>Size of the large data sets.</summary>
    public int MiB { get; init; } = 1024;

    /// <summary>Where sources and copies lie: a file system in memory, so that no disk is measured.</summary>
    public string Folder { get; init; } = "/dev/shm";

    /// <summary>Runs only contenders whose name contains this.</summary>
    public string? Only { get; init; }
}

/// <summary>A folder for everything that is measured, gone afterwards; each data set is made once.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly Dictionary<DataSet, string> _made = [];
    private int _next;

    public Workspace(Settings settings)
    {
        Settings = settings;
        Folder = Path.Combine(settings.Folder, $"p2pcopy-bench-{Environment.ProcessId}");
        Directory.CreateDirectory(Folder);
    }

    public Settings Settings { get; }

    public string Folder { get; }

    /// <summary>The file or folder of a data set. Only the last is kept: the folder is memory.</summary>
    public string SourceOf(DataSet data)
    {
        if (_made.TryGetValue(data, out string? path))
            return path;
        foreach (string old in _made.Values)
            Directory.Delete(Path.GetDirectoryName(old)!, recursive: true);
        _made.Clear();
        string folder = Directory.CreateDirectory(Path.Combine(Folder, $"source-{data.Name}")).FullName;
        return _made[data] = data.Make(folder, Settings);
    }

    /// <summary>A new empty folder.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Folder, $"run-{_next++}")).FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
