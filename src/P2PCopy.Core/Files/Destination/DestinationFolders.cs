using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>
/// The folders of a destination: which exist, which must not be entered, which were made. Each is looked at once in a
/// session, so a file in a folder that did not exist costs no look at all.
/// </summary>
/// <remarks>Not thread-safe: <see cref="DestinationTree"/> holds its lock around every call.</remarks>
internal sealed class DestinationFolders
{
    // Names of the wire; "" is the destination itself.
    private readonly Dictionary<string, Folder> _known = new(StringComparer.Ordinal);

    // The first spelling of every name, by what the file system takes it for; null where it takes each for itself.
    private readonly Dictionary<string, string>? _spellings;

    // Folders that the sender has read-only, so that ours may be so because they are copies.
    private readonly HashSet<string> _readOnly = new(StringComparer.Ordinal);

    // Those of them whose own mode did not let us write into them, with that mode.
    private readonly Dictionary<string, int> _opened = new(StringComparer.Ordinal);

    private readonly string _root;
    private readonly SpellingGuard? _guard;
    private string? _realRoot;

    /// <summary>Prepares for a destination.</summary>
    /// <param name="root">Its full path.</param>
    /// <param name="guard">Where the file system folds names; else null.</param>
    public DestinationFolders(string root, SpellingGuard? guard)
    {
        _root = root;
        _guard = guard;
        if (guard is not null) _spellings = new Dictionary<string, string>(StringComparer.Ordinal);
    }

    private enum State
    {
        Missing,
        Real,
        LinkInside,
        Refused,
    }

    /// <summary>Folders that were opened for writing and must get their own mode back, by name.</summary>
    public IReadOnlyDictionary<string, int> Opened => _opened;

    /// <summary>The local path of a name.</summary>
    public string PathOf(string name)
    {
        if (name.Length == 0) return _root;
        string path = Path.EndsInDirectorySeparator(_root)
            ? _root + name
            : string.Concat(_root, Path.DirectorySeparatorChar.ToString(), name);
        return Path.DirectorySeparatorChar == '/' ? path : path.Replace('/', Path.DirectorySeparatorChar);
    }

    /// <summary>Whether nothing can be in this folder yet, and why nothing may be put into it.</summary>
    public (bool IsMissing, P2PErrorCode Code, string? Objection) Look(string folder)
    {
        Folder known = Known(folder);
        return (known.State == State.Missing, known.Code, known.Objection);
    }

    /// <summary>Takes a name for itself. The first spelling wins.</summary>
    /// <returns>The other spelling that has it already, or null.</returns>
    public string? Claim(string name)
    {
        if (_spellings is null) return null;
        string key = name.Normalize(System.Text.NormalizationForm.FormC).ToUpperInvariant();
        if (_spellings.TryAdd(key, name)) return null;
        string first = _spellings[key];
        return first == name ? null : first;
    }

    /// <summary>True when no part of the path is a link, so that <c>..</c> means what the text says.</summary>
    public bool HasNoLink(string folder)
    {
        for (; folder.Length > 0; folder = WireName.Parent(folder))
        {
            if (Known(folder).State == State.LinkInside) return false;
        }

        return true;
    }

    /// <summary>Makes a folder and those above it.</summary>
    /// <returns>True when it was not there.</returns>
    /// <exception cref="P2PException">It cannot or must not be made.</exception>
    public bool Ensure(string folder)
    {
        Folder known = Known(folder);
        if (known.State is State.Real or State.LinkInside) return false;
        if (known.Objection is not null) throw new P2PException(known.Code, known.Objection);

        string path = PathOf(folder);
        try
        {
            if (folder.Length == 0)
            {
                Directory.CreateDirectory(_root);
                _known[folder] = new Folder(State.Real);
                return true;
            }

            Ensure(WireName.Parent(folder));
            if (Make(folder, path))
            {
                _guard?.Note(path);
                _known[folder] = new Folder(State.Real);
                return true;
            }
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Write("Making the folder", path, exception);
        }

        // It appeared since it was looked at: made by another transfer, or a file or link of this one.
        _guard?.Check(path);
        _known.Remove(folder);
        known = Known(folder);
        if (known.Objection is not null) throw new P2PException(known.Code, known.Objection);
        return false;
    }

    /// <summary>The sender's folder of this name is read-only: the copy of an earlier run may be opened.</summary>
    public void MayOpen(string folder) => _readOnly.Add(folder);

    /// <summary>
    /// Lets the owner write into a folder whose mode forbids it, until the end; only where it has that mode because the
    /// sender's has. A folder that somebody closed here stays closed.
    /// </summary>
    /// <returns>False when that is not the reason or cannot be done.</returns>
    public bool Open(string folder)
    {
        const int ownerAll = 0x1C0;
        if (!_readOnly.Contains(folder)) return false;
        string path = PathOf(folder);
        if (!Posix.Available
            || !FileStat.TryRead(path, followLinks: true, out FileStat stat, out _)
            || stat.Mode is not { } mode
            || (mode & ownerAll) == ownerAll
            || Posix.SetMode(path, mode | ownerAll) != 0)
        {
            return false;
        }

        _opened.TryAdd(folder, mode);
        return true;
    }

    private bool Make(string folder, string path)
    {
        if (!Posix.Available)
        {
            bool isNew = !Directory.Exists(path);
            Directory.CreateDirectory(path);
            return isNew;
        }

        const int anyone = 0x1FF;
        int error = Posix.MakeFolder(path, anyone);
        if (error == Posix.AccessDenied && Open(WireName.Parent(folder))) error = Posix.MakeFolder(path, anyone);
        return error switch
        {
            0 => true,
            Posix.AlreadyExists => false,
            _ => throw FileErrors.Write("Making the folder", path, error),
        };
    }

    private Folder Known(string name)
    {
        if (!_known.TryGetValue(name, out Folder folder))
        {
            folder = name.Length == 0 ? LookAtRoot() : LookAt(name);
            _known.Add(name, folder);
        }

        return folder;
    }

    private Folder LookAtRoot()
    {
        if (!FileStat.TryRead(_root, followLinks: true, out FileStat stat, out int error))
        {
            return error == Posix.NoSuchFile
                ? new Folder(State.Missing)
                : new Folder(State.Refused, P2PErrorCode.FileWriteError, FileErrors.Write("Opening", _root, error).Message);
        }

        return stat.Kind == FileStatKind.Folder
            ? new Folder(State.Real)
            : new Folder(State.Refused, P2PErrorCode.FileWriteError, $"\"{VisibleText.Name(_root)}\" is not a folder.");
    }

    private Folder LookAt(string name)
    {
        Folder above = Known(WireName.Parent(name));
        if (above.State == State.Refused) return above;
        if (Claim(name) is { } other) return Refused(P2PErrorCode.NameRefused, name, $"is the same name here as \"{VisibleText.Name(other)}\"");
        if (above.State == State.Missing) return new Folder(State.Missing);

        string path = PathOf(name);
        if (!FileStat.TryRead(path, followLinks: false, out FileStat stat, out int error))
        {
            return error == Posix.NoSuchFile
                ? new Folder(State.Missing)
                : new Folder(State.Refused, P2PErrorCode.FileWriteError, FileErrors.Write("Opening the folder", path, error).Message);
        }

        return stat.Kind switch
        {
            FileStatKind.Folder => new Folder(above.State == State.LinkInside ? State.LinkInside : State.Real),
            FileStatKind.Link => LookThrough(name, path),
            _ => Refused(P2PErrorCode.FileWriteError, name, "is not a folder here: a file is in its place"),
        };
    }

    private Folder LookThrough(string name, string path)
    {
        _realRoot ??= RealPath.Of(_root);
        if (_realRoot is null || RealPath.Of(path) is not { } real || !RealPath.IsWithin(real, _realRoot))
        {
            return Refused(P2PErrorCode.NameRefused, name, "is a link here that leads out of the destination");
        }

        return Directory.Exists(real)
            ? new Folder(State.LinkInside)
            : Refused(P2PErrorCode.FileWriteError, name, "is a link here that leads to no folder");
    }

    private static Folder Refused(P2PErrorCode code, string name, string why)
        => new(State.Refused, code, $"\"{VisibleText.Name(name)}\" {why}.");

    private readonly record struct Folder(State State, P2PErrorCode Code = P2PErrorCode.Failure, string? Objection = null);
}
