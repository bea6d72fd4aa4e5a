using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;

namespace P2PCopy.Simulation.Disk;

/// <summary>An open folder of the simulated disk.</summary>
internal sealed class MemoryFolder(MemoryDisk disk, Node folder, string path) : FolderHandle
{
    private const int IsFolder = 21;

    public override FileStat Stat()
    {
        int error = disk.Enter("fstat", path);
        return error == 0 ? folder.Stat() : throw MemoryDisk.Failure(error, path);
    }

    public override bool TryStat(string name, out FileStat stat, out int error)
    {
        stat = default;
        if (Find("stat", name, out error) is not { } node)
            return false;
        stat = node.Stat();
        return true;
    }

    public override FolderHandle? OpenFolder(string relative, out int error)
    {
        error = disk.Enter("open-folder", At(relative));
        Node at = folder;
        foreach (string part in relative.Split('/'))
        {
            if (error != 0)
                return null;
            if (part is "." or "")
                continue;
            if (!at.Children!.TryGetValue(part, out Node? next))
                error = FileErrors.NoSuchFile;
            else if (next.Kind == FileStatKind.Link)
                error = FileErrors.IsLink;
            else if (next.Children is null)
                error = FileErrors.NotAFolder;
            else
                at = next;
        }

        return error == 0 ? new MemoryFolder(disk, at, At(relative)) : null;
    }

    public override IReadOnlyList<string> List(string path1)
    {
        int error = disk.Enter("list", path);
        return error == 0 ? [.. folder.Children!.Keys] : throw MemoryDisk.Failure(error, path);
    }

    public override SafeFileHandle? OpenRead(string name, out int error)
        => disk.OpenNode(Find("open", name, out error), At(name), ref error)?.Handle;

    public override SafeFileHandle? OpenWrite(string name, out int error)
    {
        Node? node = Find("open", name, out error);
        error = node is { Kind: FileStatKind.Folder } ? IsFolder
            : node is not null && (node.Mode & UnixFileMode.UserWrite) == 0 ? FileErrors.AccessDenied : error;
        return error == 0 ? disk.OpenNode(node, At(name), ref error)?.Handle : null;
    }

    public override SafeFileHandle? CreateNew(string name, out int error)
    {
        error = Make("create", name);
        if (error != 0)
            return null;
        Node node = disk.NewNode(FileStatKind.File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        disk.SetEntry(folder, name, node);
        return disk.NewHandle(node, At(name)).Handle;
    }

    public override int MakeFolder(string name, UnixFileMode mode)
    {
        int error = Make("mkdir", name);
        if (error == 0)
            disk.SetEntry(folder, name, disk.NewNode(FileStatKind.Folder, mode & FileSystem.Current.NewMask));
        return error;
    }

    public override int MakeLink(string name, string target, DateTime modified)
    {
        int error = Make("symlink", name);
        if (error != 0)
            return error;
        Node node = disk.NewNode(FileStatKind.Link, FileSystem.AllPermissions, target);
        node.Modified = modified;
        disk.SetEntry(folder, name, node);
        return 0;
    }

    public override string? ReadLink(string name) => Find("readlink", name, out _)?.Target;

    public override int Remove(string name)
    {
        Node? node = Find("unlink", name, out int error);
        if (node is null)
            return error == FileErrors.NoSuchFile ? 0 : error;
        if (node.Kind == FileStatKind.Folder)
            return IsFolder;
        disk.SetEntry(folder, name, null);
        return 0;
    }

    public override int Replace(string from, string to) => Rename("rename", from, to, mayReplace: true);

    public override int MoveNew(string from, string to) => Rename("rename", from, to, mayReplace: false);

    public override int SetMode(UnixFileMode mode)
    {
        int error = disk.Enter("chmod", path);
        if (error == 0)
            (folder.Mode, folder.Changed) = (mode, disk.Now);
        return error;
    }

    public override int SetModified(DateTime modified)
    {
        int error = disk.Enter("utime", path);
        if (error == 0)
            (folder.Modified, folder.Changed) = (modified, disk.Now);
        return error;
    }

    public override UnixFileMode NewMask() => FileSystem.Current.NewMask;

    public override int Flush()
    {
        int error = disk.Enter("fsync", path);
        if (error == 0)
            folder.Undo.Clear();
        return error;
    }

    public override void Dispose()
    {
    }

    private string At(string name) => name.Length == 0 ? path : $"{path}/{name}";

    private Node? Find(string call, string name, out int error)
    {
        error = disk.Enter(call, At(name));
        Node? at = folder;
        foreach (string part in name.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (error != 0)
                return null;
            if (at!.Children is null)
                error = FileErrors.NotAFolder;
            else if (!at.Children.TryGetValue(part, out at))
                error = FileErrors.NoSuchFile;
        }

        return error == 0 ? at : null;
    }

    private int Make(string call, string name)
    {
        int error = disk.Enter(call, At(name));
        if (error != 0)
            return error;
        if ((folder.Mode & UnixFileMode.UserWrite) == 0)
            return FileErrors.AccessDenied;
        return folder.Children!.ContainsKey(name) ? FileErrors.AlreadyExists : 0;
    }

    private int Rename(string call, string from, string to, bool mayReplace)
    {
        Node? node = Find(call, from, out int error);
        if (node is null)
            return error;
        if ((folder.Mode & UnixFileMode.UserWrite) == 0)
            return FileErrors.AccessDenied;
        if (folder.Children!.TryGetValue(to, out Node? old))
        {
            if (!mayReplace)
                return FileErrors.AlreadyExists;
            if (old.Children is not null)
                return IsFolder;
            if (old == node)
                return 0;
        }

        // One step for a power cut: both names change or none.
        int before = folder.Undo.Count;
        node.Links++;
        disk.SetEntry(folder, to, node);
        disk.SetEntry(folder, from, null);
        Action[] steps = [.. folder.Undo.Skip(before)];
        folder.Undo.RemoveRange(before, steps.Length);
        folder.Undo.Add(() =>
        {
            foreach (Action undo in steps.Reverse())
                undo();
        });
        node.Changed = disk.Now;
        return 0;
    }
}
