using Microsoft.Win32.SafeHandles;

namespace P2PCopy.Files.Platform;

/// <summary>An open folder of <see cref="PosixFileSystem"/>.</summary>
internal sealed class PosixFolder(SafeFileHandle handle) : FolderHandle
{
    private const string DefaultAcl = "system.posix_acl_default";

    public override FileStat Stat() => FileStat.Of(handle, "");

    public override bool TryStat(string name, out FileStat stat, out int error) => FileStat.TryReadAt(handle, name, out stat, out error);

    public override FolderHandle? OpenFolder(string relative, out int error)
    {
        if (Posix.TryOpenBeneath(handle, relative, out SafeFileHandle? opened, out error))
            return opened is null ? null : new PosixFolder(opened);
        return OpenStepByStep(relative, out error);
    }

    /// <summary>Opens a folder as <see cref="OpenFolder"/> does, for kernels that cannot do it in one call.</summary>
    internal PosixFolder? OpenStepByStep(string relative, out int error)
    {
        SafeFileHandle at = handle;
        foreach (string part in relative.Split('/'))
        {
            SafeFileHandle? next = Posix.OpenFolderAt(at, part, out error);
            if (next is null && error == FileErrors.NotAFolder && FileStat.TryReadAt(at, part, out FileStat stat, out _) && stat.Kind == FileStatKind.Link)
                error = FileErrors.IsLink;
            if (at != handle)
                at.Dispose();
            if (next is null)
                return null;
            at = next;
        }

        error = 0;
        return new PosixFolder(at);
    }

    public override IReadOnlyList<string> List(string path)
    {
        // The library lists by path only.
        string own = OperatingSystem.IsLinux() ? Posix.OwnPath(handle) : path;
        try
        {
            return FolderListing.Names(own);
        }
        catch (DirectoryNotFoundException) when (own != path && !Directory.Exists("/proc/self/fd"))
        {
            return FolderListing.Names(path);
        }
    }

    public override SafeFileHandle? OpenRead(string name, out int error) => Posix.OpenReadAt(handle, name, out error);

    public override SafeFileHandle? OpenWrite(string name, out int error) => Posix.OpenWriteAt(handle, name, out error);

    public override SafeFileHandle? CreateNew(string name, out int error) => Posix.CreateNewAt(handle, name, out error);

    public override int MakeFolder(string name, UnixFileMode mode) => Posix.MakeFolderAt(handle, name, mode);

    public override int MakeLink(string name, string target, DateTime modified) => Posix.MakeLinkAt(handle, name, target, modified);

    public override string? ReadLink(string name) => Posix.ReadLinkAt(handle, name);

    public override int Remove(string name) => Posix.RemoveAt(handle, name);

    public override int Replace(string from, string to) => Posix.ReplaceAt(handle, from, to);

    public override int MoveNew(string from, string to) => Posix.MoveNewAt(handle, from, to);

    public override int SetMode(UnixFileMode mode) => Posix.SetOwnMode(handle, mode);

    public override int SetModified(DateTime modified) => Posix.SetOwnModified(handle, modified);

    public override UnixFileMode NewMask() => DefaultAclMask() ?? FileSystem.Current.NewMask;

    public override int Flush()
    {
        using SafeFileHandle? readable = Posix.OpenFolderForReading(handle, out int error);
        return readable is null ? error : Posix.FlushToDevice(readable);
    }

    public override SafeFileHandle? OpenForFlush(out int error) => Posix.OpenFolderForReading(handle, out error);

    public override void Dispose() => handle.Dispose();

    // A list of tag, permission and id: <linux/posix_acl_xattr.h>. With a default ACL the kernel ignores the umask.
    private UnixFileMode? DefaultAclMask()
    {
        const int headerLength = 4, entryLength = 8, owner = 1, ownerGroup = 4, maskTag = 0x10, others = 0x20;
        byte[]? acl = Posix.ReadAttribute(handle, DefaultAcl);
        if (acl is null || acl.Length < headerLength)
            return null;
        int user = 7, group = 7, other = 7;
        bool hasMask = false;
        for (int at = headerLength; at + entryLength <= acl.Length; at += entryLength)
        {
            int tag = BitConverter.ToUInt16(acl, at), permission = BitConverter.ToUInt16(acl, at + 2) & 7;
            switch (tag)
            {
                case owner:
                    user = permission;
                    break;
                case ownerGroup when !hasMask:
                    group = permission;
                    break;
                case maskTag:
                    (group, hasMask) = (permission, true);
                    break;
                case others:
                    other = permission;
                    break;
            }
        }

        return (UnixFileMode)((user << 6) | (group << 3) | other);
    }
}
