using System.Collections.Concurrent;
using P2PCopy.Files.Flushing;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Files.Probes;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>
/// The folders of a destination. Decisions about offered entries use the first look at a folder, so that entries in a folder that
/// does not exist need no further call. Writes use a handle that is opened at that moment.
/// </summary>
/// <remarks>
/// <see cref="DestinationTree"/> holds its lock around every call, except <see cref="Open(string, bool)"/>, <see cref="Leads"/> and
/// <see cref="NewMask"/>.
/// </remarks>
internal sealed class DestinationFolders : IPlacedFolders, IDisposable
{
    private const int Attempts = 4;

    // Names of the wire; "" is the destination itself.
    private readonly Dictionary<string, Folder> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, UnixFileMode> _newMasks = new(StringComparer.Ordinal);
    private readonly Spellings _spellings;

    private readonly string _root;
    private readonly SpellingGuard _guard;
    private readonly IFoldingProbe _folding;
    private volatile FolderHandle? _rootHandle;

    // The folder in which the destination was made, until that is on the disk.
    private volatile string? _madeBelow;

    /// <summary>Prepares for a destination.</summary>
    /// <param name="root">Its full path.</param>
    /// <param name="guard">Notices two spellings of a name.</param>
    /// <param name="folding">Tells whether a folder folds names.</param>
    public DestinationFolders(string root, SpellingGuard guard, IFoldingProbe folding)
    {
        _root = root;
        _guard = guard;
        _folding = folding;
        _spellings = new Spellings(Folds);
    }

    private enum State
    {
        Missing,
        Real,
        LinkInside,
        Refused,
    }

    public ReadOnlyFolders ReadOnly { get; } = new();

    /// <summary>The local path of a name.</summary>
    public string PathOf(string name)
    {
        if (name.Length == 0)
            return _root;
        return LocalPath.Of(Path.EndsInDirectorySeparator(_root)
            ? _root + name
            : string.Concat(_root, Path.DirectorySeparatorChar.ToString(), name));
    }

    /// <summary>Whether this folder is certainly empty, and the reason if nothing may be written into it.</summary>
    public (bool IsMissing, P2PException? Objection) Look(string folder)
    {
        Folder known = Known(folder);
        return (known.State == State.Missing, known.Objection is null ? null : known.ToException());
    }

    /// <summary>The device that a folder lies on, or will lie on; 0 where unknown.</summary>
    public ulong DeviceOf(string folder) => Known(folder).Device;

    /// <summary>Records a name. The first spelling is valid.</summary>
    /// <returns>The other spelling that has the same file here, or null.</returns>
    public string? Claim(string name) => _spellings.Claim(name);

    /// <summary>Whether no part of the path is a link, so that <c>..</c> leads to the part before it.</summary>
    public bool HasNoLink(string folder)
    {
        for (; folder.Length > 0; folder = WireName.Parent(folder))
        {
            if (Known(folder).State == State.LinkInside)
                return false;
        }

        return true;
    }

    public FolderHandle Open(string folder) => Open(folder, followLinks: true);

    /// <summary>Opens a folder that exists.</summary>
    /// <param name="folder">Its name.</param>
    /// <param name="followLinks">Links are followed as long as they stay inside the destination.</param>
    /// <exception cref="P2PException">It does not exist, or the path leads out of the destination.</exception>
    public FolderHandle Open(string folder, bool followLinks)
    {
        WalkResult result = Walk(folder, followLinks, out FolderHandle? opened, out _, out int error);
        if (opened is not null)
            return opened;
        throw Objection(result, folder, error).ToException();
    }

    /// <summary>
    /// True when the name of an open folder leads to it without a link at its end. False says nothing: <see cref="Open(string, bool)"/> tells.
    /// </summary>
    public bool Leads(SharedFolder folder)
        => folder.Name.Length == 0 || (_rootHandle is { } root && folder.IsAt(root, folder.Name));

    /// <summary>Opens a folder, and makes it and those above it if they are missing.</summary>
    /// <param name="folder">Its name.</param>
    /// <param name="mode">The mode of a new folder, before the umask or the default ACL.</param>
    /// <param name="made">It was made.</param>
    /// <exception cref="P2PException">It cannot or must not be made.</exception>
    public FolderHandle Ensure(string folder, UnixFileMode mode, out bool made)
    {
        made = false;
        Folder known = Known(folder);
        if (known.Objection is not null)
            throw known.ToException();
        string path = PathOf(folder);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            WalkResult result = Walk(folder, followLinks: true, out FolderHandle? opened, out _, out int error);
            if (opened is not null)
            {
                if (made || known.State == State.Missing)
                    _known[folder] = new Folder(State.Real, DeviceOf(opened));
                return opened;
            }

            if (result != WalkResult.Missing)
                throw Objection(result, folder, error).ToException();

            made |= folder.Length == 0 ? MakeRoot() : Make(folder, path, mode);
        }

        throw FileErrors.Write("Making the folder", path, FileErrors.NoSuchFile);
    }

    public int FlushAboveRoot()
    {
        for (string? above = _madeBelow is null ? null : Path.GetDirectoryName(_root); above is not null; above = Path.GetDirectoryName(above))
        {
            using FolderHandle? folder = FileSystem.Current.OpenFolder(above, out int error);
            error = folder is null ? error : folder.Flush();
            if (error != 0)
                return error;
            if (above == _madeBelow)
                break;
        }

        _madeBelow = null;
        return 0;
    }

    /// <summary>The permission bits that new files keep in a folder.</summary>
    public UnixFileMode NewMask(string folder, FolderHandle handle) => _newMasks.GetOrAdd(folder, _ => handle.NewMask());

    /// <inheritdoc/>
    public void Dispose() => _rootHandle?.Dispose();

    private WalkResult Walk(string folder, bool followLinks, out FolderHandle? opened, out bool throughLink, out int error)
    {
        opened = null;
        throughLink = false;
        if (Root(out error) is not { } root)
        {
            return error switch
            {
                FileErrors.NoSuchFile => WalkResult.Missing,
                FileErrors.NotAFolder => WalkResult.NotAFolder,
                _ => WalkResult.Failed,
            };
        }

        return FolderWalk.TryOpen(root, _root, folder, followLinks, out opened, out throughLink, out error);
    }

    // Opened once, so that entries below it stay below it even if its path is replaced later.
    private FolderHandle? Root(out int error)
    {
        error = 0;
        return _rootHandle ??= FileSystem.Current.OpenFolder(_root, out error);
    }

    private bool MakeRoot()
    {
        if (FileStat.TryRead(_root, followLinks: false, out FileStat stat, out _) && stat.Kind != FileStatKind.Folder)
        {
            string kind = stat.Kind == FileStatKind.Link ? "a link whose target is missing or is not a folder" : "not a folder";
            throw new P2PException(P2PErrorCode.FileWriteError, $"\"{VisibleText.Name(_root)}\" is {kind}.");
        }

        try
        {
            _madeBelow = DestinationSpace.ExistingPart(_root);
            FileSystem.Current.MakeFolders(_root);
            return true;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Write("Creating", _root, e);
        }
    }

    private bool Make(string folder, string path, UnixFileMode mode)
    {
        string above = WireName.Parent(folder), name = WireName.Last(folder).ToString();
        using FolderHandle parent = Ensure(above, FileSystem.AllPermissions, out _);
        int error = parent.MakeFolder(name, mode);
        if (error == FileErrors.AccessDenied && ReadOnly.Unlock(above, parent))
            error = parent.MakeFolder(name, mode);
        switch (error)
        {
            case 0:
                _guard.Note(parent, name, path);
                return true;
            case FileErrors.AlreadyExists:
                // It appeared in the meantime: another transfer made it, or it is a file or link of this transfer.
                _guard.Check(parent, name, path);
                return false;
            default:
                throw FileErrors.Write("Making the folder", path, error);
        }
    }

    private Folder Known(string name)
    {
        if (!_known.TryGetValue(name, out Folder folder))
        {
            folder = LookAt(name);
            _known[name] = folder;
        }

        return folder;
    }

    private Folder LookAt(string name)
    {
        Folder above = default;
        if (name.Length > 0)
        {
            above = Known(WireName.Parent(name));
            if (above.State == State.Refused)
                return above;
            if (Claim(name) is { } other)
                return Refused(P2PErrorCode.NameRefused, name, $"is the same name here as \"{VisibleText.Name(other)}\"");
            if (above.State == State.Missing)
                return above;
        }

        WalkResult result = Walk(name, followLinks: true, out FolderHandle? opened, out bool throughLink, out int error);
        if (opened is null)
            return result == WalkResult.Missing ? new Folder(State.Missing, name.Length > 0 ? above.Device : DeviceAbove()) : Objection(result, name, error);
        using (opened)
            return new Folder(throughLink ? State.LinkInside : State.Real, DeviceOf(opened));
    }

    private static ulong DeviceOf(FolderHandle folder)
    {
        try
        {
            return folder.Stat().Device;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private ulong DeviceAbove()
        => FileStat.TryRead(DestinationSpace.ExistingPart(_root), followLinks: true, out FileStat stat, out _) ? stat.Device : 0;

    // For folders that do not exist yet, the nearest existing folder decides.
    private bool Folds(string folder)
    {
        for (; ; folder = WireName.Parent(folder))
        {
            Walk(folder, followLinks: true, out FolderHandle? opened, out _, out _);
            using (opened)
            {
                if (opened is not null)
                    return _folding.Folds(opened, PathOf(folder));
            }

            if (folder.Length == 0)
                break;
        }

        string existing = DestinationSpace.ExistingPart(_root);
        using FolderHandle? above = FileSystem.Current.OpenFolder(existing, out _);
        return above is not null && _folding.Folds(above, existing);
    }

    private Folder Objection(WalkResult result, string name, int error) => result switch
    {
        WalkResult.LeadsOut => Refused(P2PErrorCode.NameRefused, name, "is a link here that leads out of the destination"),
        WalkResult.LeadsToNoFolder => Refused(P2PErrorCode.FileWriteError, name, "is a link here that leads to no folder"),
        WalkResult.NotAFolder when name.Length == 0 => new Folder(
            State.Refused, 0, P2PErrorCode.FileWriteError, new FileProblem($"\"{VisibleText.Name(_root)}\" is not a folder.")),
        WalkResult.NotAFolder => Refused(P2PErrorCode.FileWriteError, name, "is not a folder here: a file is in its place"),
        WalkResult.Missing => new Folder(
            State.Refused, 0, P2PErrorCode.FileWriteError, new FileProblem($"\"{VisibleText.Name(PathOf(name))}\" was removed during the transfer.")),
        _ => new Folder(State.Refused, 0, P2PErrorCode.FileWriteError, FileErrors.Open(PathOf(name), error)),
    };

    private static Folder Refused(P2PErrorCode code, string name, string why)
        => new(State.Refused, 0, code, new FileProblem($"\"{VisibleText.Name(name)}\" {why}."));

    private readonly record struct Folder(State State, ulong Device = 0, P2PErrorCode Code = P2PErrorCode.Failure, FileProblem? Objection = null)
    {
        public P2PException ToException() => new(Code, Objection!.Value.Message) { Hint = Objection.Value.Hint };
    }
}
