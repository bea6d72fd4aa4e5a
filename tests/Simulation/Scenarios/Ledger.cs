using P2PCopy.Files.Platform;
using P2PCopy.Simulation.Disk;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Scenarios;

/// <summary>All content that a name has ever had at the sender, and what others have put at the destination.</summary>
internal sealed class Ledger(Universe universe, Plan plan)
{
    private readonly Dictionary<string, History> _histories = new(StringComparer.Ordinal);

    /// <summary>The names of the sent files below the folder.</summary>
    public IEnumerable<string> Names => _histories.Keys;

    public History Of(string name) => _histories[name];

    public bool Knows(string name) => _histories.ContainsKey(name);

    /// <summary>Makes both folders as they are before the first run.</summary>
    public void Prepare()
    {
        DateTime time = new(2025, 6, 1, 12, 0, 0, DateTimeKind.Utc);
        universe.Files.MakeFolders("/s/data");
        universe.Files.MakeFolders("/r/data");
        Put("/r/data/bystander", [1, 2, 3], time);
        foreach (PlannedFile file in plan.Files)
        {
            var history = new History();
            _histories.Add(file.Name, history);
            Put($"/s/data/{file.Name}", file.Content(), time);
            history.Sources.Add(Digest($"/s/data/{file.Name}")!);
            byte[]? before = file.Before switch
            {
                Before.Nothing => null,
                Before.Same or Before.Touched => file.Content(),
                Before.Similar => file.Variation(universe.Chance),
                _ => file.Content(version: 99, length: universe.Chance.Percent(50) ? file.Length : file.Length / 2),
            };
            if (before is null)
                continue;
            Put($"/r/data/{file.Name}", before, file.Before switch
            {
                Before.Same => time,
                Before.Newer or Before.Touched => time.AddDays(1),
                _ => time.AddDays(-1),
            });
            history.Initial = Digest($"/r/data/{file.Name}");
        }

        universe.Disk.FlushAll(universe.Disk.Root);
    }

    /// <summary>Another program writes a new version of a file of the sender.</summary>
    public void ChangeSource(int number, Chance chance)
    {
        PlannedFile file = plan.Files[number % plan.Files.Count];
        string path = $"/s/data/{file.Name}";
        History history = _histories[file.Name];
        if (universe.Disk.Find(path, false, out _) is not { } node)
            return;
        byte[] content = file.Content(version: history.Sources.Count, length: chance.Percent(50) ? file.Length : chance.Between(0, 8000));
        universe.Trace.Add("source-change", file.Name);
        if (chance.Percent(50))
        {
            node.SetLength(0);
            node.Write(content, 0);
        }
        else
        {
            Put(path, content, universe.Disk.Now);
        }

        history.Sources.Add(Digest(path)!);
    }

    /// <summary>Another program writes a file at the destination.</summary>
    public void ChangeDestination(int number, Chance chance)
    {
        PlannedFile file = plan.Files[number % plan.Files.Count];
        string path = $"/r/data/{file.Name}";
        if (universe.Disk.Find(Path.GetDirectoryName(path)!, true, out _) is null)
            return;
        universe.Trace.Add("destination-change", file.Name);
        Put(path, file.Content(version: 1000 + number, length: chance.Between(0, 5000)), universe.Disk.Now);
        _histories[file.Name].Externals.Add(Digest(path)!);

        // The other program has written its file and the folders above it through.
        for (string? above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
            universe.Disk.Find(above, true, out _)!.Undo.Clear();
    }

    /// <summary>What others have done until now is the state before the run without faults.</summary>
    public void Settle()
    {
        foreach ((string name, History history) in _histories)
        {
            history.Initial = Digest($"/r/data/{name}");
            history.Externals.Clear();
        }
    }

    public string? Digest(string path) => universe.Disk.Find(path, false, out _) is { Kind: FileStatKind.File } node ? node.Digest() : null;

    private void Put(string path, byte[] content, DateTime time)
    {
        universe.Files.MakeFolders(Path.GetDirectoryName(path)!);
        Node folder = universe.Disk.Find(Path.GetDirectoryName(path)!, true, out _)!;
        Node node = universe.Disk.NewNode(FileStatKind.File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        node.Write(content, 0);
        node.Modified = time;
        node.Flush();
        universe.Disk.SetEntry(folder, Path.GetFileName(path), node);
        folder.Undo.Clear();
    }

    /// <summary>The content of one name, as digests.</summary>
    internal sealed class History
    {
        public List<string> Sources { get; } = [];

        /// <summary>At the destination before the first run; null for nothing.</summary>
        public string? Initial { get; set; }

        public List<string> Externals { get; } = [];
    }
}
