using P2PCopy.Primitives;
using P2PCopy.Settings;

namespace P2PCopy.Tool.Output;

/// <summary>
/// The file of the last transfers: <c>p2pcopy/history.jsonl</c> in <c>XDG_STATE_HOME</c>, <c>~/.local/state</c> or
/// <c>%LOCALAPPDATA%</c>. Only the user can read it. It contains no code, token or relay. A failure to write it is ignored, because
/// the transfer is what matters.
/// </summary>
internal sealed class HistoryFile(ToolHost host)
{
    /// <summary>Switches the history off.</summary>
    public const string Variable = "P2PCOPY_HISTORY";

    private const int MostNames = 3;
    private const long MostBytes = 256 << 10;

    /// <summary>The path; null if the history is off or there is no folder for it.</summary>
    public string? Path => string.Equals(host.Variable(Variable), "off", StringComparison.OrdinalIgnoreCase)
        ? null
        : UserFolder.Find(host.Variable, "LOCALAPPDATA", "XDG_STATE_HOME", System.IO.Path.Combine(".local", "state"), "history.jsonl");

    /// <summary>The entries, oldest first; lines that cannot be read are left out.</summary>
    public IEnumerable<HistoryEntry> Read()
        => Path is { } path && File.Exists(path) ? File.ReadLines(path).Select(HistoryEntry.Parse).OfType<HistoryEntry>() : [];

    /// <summary>Deletes the file.</summary>
    public void Clear()
    {
        if (Path is { } path)
            File.Delete(path);
    }

    /// <summary>Adds a transfer.</summary>
    public void Add(PeerRole role, TransferReport report)
    {
        if (Path is not { } path || !host.Settings.KeepsHistory)
            return;
        try
        {
            string folder = System.IO.Path.GetDirectoryName(path)!;
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (FileOwner.Foreign(folder) is not null || FileOwner.Foreign(System.IO.Path.GetDirectoryName(folder)!) is not null)
                return; // with sudo: the owner could make the file a link to one of root's
            Shorten(path);
            using FileStream stream = OpenPrivate(path, FileMode.Append);
            stream.Write(EntryOf(role, report).ToLine());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See the summary of the class.
        }
    }

    private HistoryEntry EntryOf(PeerRole role, TransferReport report)
    {
        IEnumerable<string> names = report.Files.Select(f => f.Name.Split('/')[0]).Distinct(StringComparer.Ordinal);
        string? place = report.Files.FirstOrDefault(f => f.FullName is not null) is { } first
            ? role == PeerRole.Receive ? Folder(first) : null
            : null;
        return new HistoryEntry(
            host.Clock.GetUtcNow(), role, [.. names.Take(MostNames)], place, report.Files.Count(f => f.Kind != FileReportKind.Folder), report.BytesCopied,
            report.Duration.TotalSeconds, report.Error?.Code.ToString() ?? (report.Succeeded ? "Succeeded" : "Incomplete"));
    }

    /// <summary>The folder to which the name of a file is relative.</summary>
    private static string? Folder(FileReport file)
    {
        string? folder = file.FullName;
        for (int part = file.Name.Count(c => c == '/') + 1; part > 0; part--)
            folder = System.IO.Path.GetDirectoryName(folder);
        return folder;
    }

    /// <summary>Keeps the last half of a file that has become large.</summary>
    private static void Shorten(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length < MostBytes)
            return;
        string[] lines = File.ReadAllLines(path);
        string shorter = path + ".new";
        File.Delete(shorter);
        using (var writer = new StreamWriter(OpenPrivate(shorter, FileMode.CreateNew)))
        {
            foreach (string line in lines[(lines.Length / 2)..])
                writer.WriteLine(line);
        }

        File.Move(shorter, path, overwrite: true);
    }

    /// <summary>A new file gets a mode that keeps others out.</summary>
    private static FileStream OpenPrivate(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
