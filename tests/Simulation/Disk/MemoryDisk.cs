using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Disk;

/// <summary>
/// A disk in memory, with the rules of a POSIX file system for one user. It fails when the plan of its faults says so, and a power cut
/// leaves a random part of what was not written through.
/// </summary>
internal sealed class MemoryDisk
{
    private const int NoSpace = 28;
    private const int BadHandle = 9;
    private const int IsFolder = 21;
    private const int MaxLinks = 40;

    private readonly Universe _universe;
    private readonly Dictionary<nint, OpenFile> _open = [];
    private ulong _inodes = 1;
    private nint _handles = 1000;

    public MemoryDisk(Universe universe)
    {
        _universe = universe;
        Root = NewNode(FileStatKind.Folder, FileSystem.AllPermissions);
        CanFlushAll = universe.Chance.Percent(50);
    }

    public Node Root { get; }

    /// <summary>Decides whether a call fails: the call and the path, then 0 or an error number.</summary>
    public Func<string, string, int> Fault { get; set; } = (_, _) => 0;

    /// <summary>Whether there is a call that writes the whole file system through.</summary>
    public bool CanFlushAll { get; }

    /// <summary>Free bytes.</summary>
    public long Free { get; set; } = 1L << 40;

    // A real clock of files moves in steps of a few milliseconds; a finer one lets every write be noticed.
    public DateTime Now => _universe.Clock.GetUtcNow().UtcDateTime.AddTicks(++Calls % 10_000);

    private long Calls { get; set; }

    /// <summary>Files that the living programs hold open.</summary>
    public IEnumerable<OpenFile> Open => _open.Values.Where(file => file.IsOpen);

    /// <summary>To be called at the beginning of every call.</summary>
    /// <returns>0 or the error of the call.</returns>
    public int Enter(string call, string path)
    {
        if (SimProcess.Current is { IsDead: true })
            throw new DeadException();
        int error = SimProcess.Current is null ? 0 : Fault(call, path);
        if (SimProcess.Current is { IsDead: true })
            throw new DeadException(); // the fault was its death
        if (error != 0)
            _universe.Trace.Add("disk-error", $"{call} {path}: {error}");
        return error;
    }

    public Node NewNode(FileStatKind kind, UnixFileMode mode, string? target = null) => new(this, kind, mode, ++_inodes) { Target = target };

    public OpenFile NewHandle(Node node, string path)
    {
        var file = new OpenFile(node, path, ++_handles);
        _open.Add(_handles, file);
        return file;
    }

    public OpenFile FileOf(SafeFileHandle handle)
    {
        ObjectDisposedException.ThrowIf(handle.IsClosed, handle);
        if (SimProcess.Current is { IsDead: true })
            throw new DeadException();
        return _open.TryGetValue(handle.DangerousGetHandle(), out OpenFile? file) ? file : throw new IOException("Bad file descriptor", BadHandle);
    }

    public Node NodeOf(SafeFileHandle handle, string call)
    {
        OpenFile file = FileOf(handle);
        int error = Enter(call, file.Path);
        return error == 0 ? file.Node : throw Failure(error, file.Path);
    }

    public int Read(SafeFileHandle handle, Span<byte> buffer, long offset)
    {
        Node node = NodeOf(handle, "read");
        if (offset >= node.Length)
            return 0;
        int count = Math.Min(buffer.Length, node.Length - (int)offset);
        if (count > 1 && _universe.Chance.Percent(5))
            count = _universe.Chance.Between(1, count); // a short read
        node.Data.AsSpan((int)offset, count).CopyTo(buffer);
        return count;
    }

    public void Write(SafeFileHandle handle, ReadOnlySpan<byte> data, long offset)
    {
        Node node = NodeOf(handle, "write");
        long growth = Math.Max(0, offset + data.Length - node.Length);
        if (growth > Free)
        {
            // The part that fits is written.
            int part = (int)Math.Max(0, data.Length - (growth - Free));
            if (part > 0)
            {
                Free -= Math.Max(0, offset + part - node.Length);
                node.Write(data[..part], (int)offset);
            }

            throw Failure(NoSpace, "");
        }

        Free -= growth;
        node.Write(data, (int)offset);
    }

    public void SetLength(SafeFileHandle handle, long length)
    {
        Node node = NodeOf(handle, "truncate");
        Free -= length - node.Length;
        node.SetLength((int)length);
    }

    public void Flush(SafeFileHandle handle) => NodeOf(handle, "fsync").Flush();

    /// <summary>Finds a path.</summary>
    public Node? Find(string path, bool followLast, out int error)
    {
        error = 0;
        Node at = Root;
        var trail = new Stack<Node>();
        var rest = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        int links = 0;
        while (rest.TryPop(out string? part))
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                at = trail.TryPop(out Node? above) ? above : Root;
                continue;
            }

            if (at.Children is not { } children)
            {
                error = FileErrors.NotAFolder;
                return null;
            }

            if (!children.TryGetValue(part, out Node? next))
            {
                error = FileErrors.NoSuchFile;
                return null;
            }

            if (next.Kind == FileStatKind.Link && (rest.Count > 0 || followLast))
            {
                if (++links > MaxLinks)
                {
                    error = FileErrors.IsLink;
                    return null;
                }

                if (next.Target!.StartsWith('/'))
                    (at, trail) = (Root, new Stack<Node>());
                foreach (string step in next.Target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                    rest.Push(step);
                continue;
            }

            trail.Push(at);
            at = next;
        }

        return at;
    }

    public OpenFile? OpenNode(Node? node, string path, ref int error)
    {
        if (node is null)
            return null;
        error = node.Kind switch
        {
            FileStatKind.Link => FileErrors.IsLink,
            FileStatKind.Folder when error == IsFolder => IsFolder,
            _ => 0,
        };
        return error == 0 ? NewHandle(node, path) : null;
    }

    /// <summary>Changes the names of a folder; the change can be lost in a power cut until it is written through.</summary>
    public void SetEntry(Node folder, string name, Node? node)
    {
        folder.Children!.TryGetValue(name, out Node? old);
        Apply(folder, name, node);
        if (old is not null && --old.Links == 0)
            Free += old.Length;
        folder.Undo.Add(() => Apply(folder, name, old));
        folder.Modified = folder.Changed = Now;
    }

    public void LosePower(string path)
    {
        if (Find(path, followLast: true, out _) is not { } top)
            return;
        Lose(top);
        CountLinks(top);
    }

    /// <summary>Writes everything below a folder through.</summary>
    public void FlushAll(Node folder)
    {
        folder.Undo.Clear();
        foreach (Node child in folder.Children!.Values)
        {
            if (child.Kind == FileStatKind.Folder)
                FlushAll(child);
            else
                child.Flush();
        }
    }

    public static IOException Failure(int error, string path) => new($"Error {error}: {path}", error);

    private static void Apply(Node folder, string name, Node? node)
    {
        if (node is null)
            folder.Children!.Remove(name);
        else
            folder.Children![name] = node;
    }

    private void Lose(Node folder)
    {
        // The newest changes of the names are lost, from a random one on.
        int kept = _universe.Chance.Percent(40) ? folder.Undo.Count : _universe.Chance.Below(folder.Undo.Count + 1);
        for (int i = folder.Undo.Count - 1; i >= kept; i--)
            folder.Undo[i]();
        folder.Undo.Clear();
        foreach (Node child in folder.Children!.Values.ToList())
        {
            if (child.Kind == FileStatKind.Folder)
                Lose(child);
            else
                child.LosePower(_universe.Chance);
        }
    }

    private static void CountLinks(Node folder)
    {
        foreach (Node child in folder.Children!.Values)
        {
            child.Links = 1;
            if (child.Children is not null)
                CountLinks(child);
        }
    }
}
