using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Files.Source;

/// <summary>
/// Opens files for reading and keeps the folder of the latest one open, because files are read folder by folder. If the folder
/// is replaced meanwhile, its files are still read from the folder that was opened, and
/// <see cref="SourceReader.VerifyUnchanged"/> notices it.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class LatestFolder : IDisposable
{
    private SourceRoot? _root;
    private string _name = "";
    private FolderHandle? _folder;

    /// <summary>Opens a file as <see cref="SourceRoot.Open"/> does.</summary>
    public SafeFileHandle? Open(SourceRoot root, string name, out int error)
    {
        string relative = name[root.Prefix.Length..];
        if (root.FollowLinks || relative.Length == 0)
            return FileSystem.Current.OpenRead(root.PathOf(name), root.FollowLinks, out error);
        return Of(root, WireName.Parent(relative), out error)?.OpenRead(WireName.Last(relative).ToString(), out error);
    }

    public void Dispose() => _folder?.Dispose();

    private FolderHandle? Of(SourceRoot root, string name, out int error)
    {
        error = 0;
        if (_folder is not null && ReferenceEquals(root, _root) && name == _name)
            return _folder;
        _folder?.Dispose();
        (_root, _name, _folder) = (root, name, root.OpenBeneath(name, out error));
        return _folder;
    }
}
