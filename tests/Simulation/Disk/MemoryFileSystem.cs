using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Platform;

namespace P2PCopy.Simulation.Disk;

/// <summary>The engine's view of the simulated disk.</summary>
internal sealed class MemoryFileSystem(MemoryDisk disk) : FileSystem
{
    public override UnixFileMode NewMask => AllPermissions & ~(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);

    public override FolderHandle? OpenFolder(string path, out int error)
    {
        error = disk.Enter("open-folder", path);
        if (error != 0 || disk.Find(path, followLast: true, out error) is not { } node)
            return null;
        error = node.Children is null ? FileErrors.NotAFolder : 0;
        return error == 0 ? new MemoryFolder(disk, node, path) : null;
    }

    public override SafeFileHandle? OpenRead(string path, bool followLinks, out int error)
    {
        error = disk.Enter("open", path);
        return error != 0 ? null : disk.OpenNode(disk.Find(path, followLinks, out error), path, ref error)?.Handle;
    }

    public override bool TryLock(SafeFileHandle file)
    {
        OpenFile own = disk.FileOf(file);
        if (own.Node.Lock is { IsOpen: true } holder && holder != own)
            return false;
        own.Node.Lock = own;
        return true;
    }

    public override void Unlock(SafeFileHandle file)
    {
        if (!file.IsClosed && disk.FileOf(file) is var own && own.Node.Lock == own)
            own.Node.Lock = null;
        file.Dispose();
    }

    public override bool IsOwn(in FileStat stat) => stat.Owner == 1000;

    public override int SetMode(SafeFileHandle file, UnixFileMode mode)
    {
        OpenFile own = disk.FileOf(file);
        int error = disk.Enter("chmod", own.Path);
        if (error == 0)
            (own.Node.Mode, own.Node.Changed) = (mode, disk.Now);
        return error;
    }

    public override int SetModified(SafeFileHandle file, DateTime modified)
    {
        OpenFile own = disk.FileOf(file);
        int error = disk.Enter("utime", own.Path);
        if (error == 0)
            (own.Node.Modified, own.Node.Changed) = (modified, disk.Now);
        return error;
    }

    public override int FlushAll(SafeFileHandle file)
    {
        if (!disk.CanFlushAll)
            return FileErrors.NotAvailable;
        int error = disk.Enter("syncfs", disk.FileOf(file).Path);
        if (error == 0)
            disk.FlushAll(disk.Root);
        return error;
    }

    public override int FlushContent(SafeFileHandle file)
    {
        OpenFile own = disk.FileOf(file);
        int error = disk.Enter("fsync", own.Path);
        if (error == 0)
            own.Node.Flush();
        return error;
    }

    public override void MakeFolders(string path)
    {
        int error = disk.Enter("mkdir", path);
        if (error != 0)
            throw MemoryDisk.Failure(error, path);
        Node at = disk.Root;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!at.Children!.TryGetValue(part, out Node? next))
                disk.SetEntry(at, part, next = disk.NewNode(FileStatKind.Folder, AllPermissions));
            at = next.Children is null ? throw MemoryDisk.Failure(FileErrors.NotAFolder, path) : next;
        }
    }

    public override string? LinkTarget(string path) => disk.Enter("readlink", path) == 0 ? disk.Find(path, followLast: false, out _)?.Target : null;

    public override string? FormatOf(string folder) => "memory";

    public override long? FreeBytes(string folder) => disk.Free;

    public override bool IsLocal(string folder) => true;
}
