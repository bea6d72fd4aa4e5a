using Microsoft.Win32.SafeHandles;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>
/// The destination of one session: decides about each offered entry, makes folders and links, opens the files that
/// content is written to. Nothing is written before <see cref="CreateFolder"/>, <see cref="CreateLink"/> or
/// <see cref="OpenIncoming"/>.
/// </summary>
/// <remarks>All members may be called from several threads at once.</remarks>
internal sealed class DestinationTree
{
    private readonly DestinationOptions _options;
    private readonly ConflictRules _rules;
    private readonly DestinationFolders _folders;
    private readonly SpellingGuard? _guard;
    private readonly Lock _lock = new();

    // Names of the round, so that one offered twice is noticed before two writers meet.
    private readonly HashSet<string> _offered = new(StringComparer.Ordinal);

    // Folders that get their mode and time at the end.
    private readonly List<ManifestEntry> _unfinished = [];

    /// <summary>Prepares for a destination. It may be missing: it is made when something is written.</summary>
    public DestinationTree(string root, DestinationOptions options)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Space = new DestinationSpace(Root);
        _options = options;
        _rules = new ConflictRules(options);
        _guard = options.Folding.Folds(Root) ? new SpellingGuard() : null;
        _folders = new DestinationFolders(Root, _guard);
    }

    /// <summary>The destination's full path.</summary>
    public string Root { get; }

    /// <summary>The room there is at the destination.</summary>
    public DestinationSpace Space { get; }

    /// <summary>The local path of an accepted name.</summary>
    public string PathOf(string name) => _folders.PathOf(name);

    /// <summary>
    /// A sentence about a file as the other side is told it: where on this machine the destination lies is none of its business.
    /// </summary>
    public string ForPeer(string sentence)
    {
        string shown = VisibleText.Name(Root);
        return Path.EndsInDirectorySeparator(shown)
            ? sentence // the root of a file system tells nothing
            : sentence
                .Replace(shown + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
                .Replace($"\"{shown}\"", "the destination", StringComparison.Ordinal)
                .Replace(shown, "the destination", StringComparison.Ordinal);
    }

    /// <summary>Begins a round: names of earlier ones may be offered again.</summary>
    public void BeginRound()
    {
        lock (_lock) _offered.Clear();
    }

    /// <summary>Decides about one entry. Opens nothing and changes nothing.</summary>
    public DestinationDecision Decide(ManifestEntry entry)
    {
        if (WireName.Objection(entry.Name, _options.Rules) is { } objection)
        {
            return DestinationDecision.Refuse(P2PErrorCode.NameRefused, $"The name \"{VisibleText.Name(entry.Name)}\" was refused: it {objection}.");
        }

        bool parentMissing;
        lock (_lock)
        {
            if (!_offered.Add(entry.Name))
            {
                return DestinationDecision.Refuse(P2PErrorCode.NameRefused, $"The name \"{VisibleText.Name(entry.Name)}\" was refused: it was offered twice.");
            }

            (parentMissing, P2PErrorCode code, string? why) = _folders.Look(WireName.Parent(entry.Name));
            if (why is not null) return DestinationDecision.Refuse(code, why);
            if (_folders.Claim(entry.Name) is { } other)
            {
                return DestinationDecision.Refuse(
                    P2PErrorCode.NameRefused,
                    $"The name \"{VisibleText.Name(entry.Name)}\" was refused: it is the same name here as \"{VisibleText.Name(other)}\".");
            }

            if (entry.Kind == EntryKind.Folder)
            {
                const int ownerWrite = 0x80;
                if (entry.Mode is { } mode && (mode & ownerWrite) == 0) _folders.MayOpen(entry.Name);
                (bool missing, code, why) = _folders.Look(entry.Name);
                return why is not null ? DestinationDecision.Refuse(code, why)
                    : new DestinationDecision { Kind = missing ? DecisionKind.Want : DecisionKind.Unchanged, FullPath = PathOf(entry.Name), ExistingLength = -1 };
            }

            if (entry.Kind == EntryKind.Link && LinkObjection(entry) is { } linkObjection)
            {
                return DestinationDecision.Refuse(P2PErrorCode.NameRefused, linkObjection);
            }
        }

        string path = PathOf(entry.Name);
        if (parentMissing) return DestinationDecision.Want(path, -1);
        if (_options.Own?.Find(path) is { } own) return WithPartial(_rules.DecideOwn(entry, path, own), entry);
        if (!FileStat.TryRead(path, followLinks: false, out FileStat existing, out int error))
        {
            return error == Posix.NoSuchFile
                ? WithPartial(DestinationDecision.Want(path, -1), entry)
                : DestinationDecision.Refuse(P2PErrorCode.FileWriteError, FileErrors.Write("Writing", path, error).Message);
        }

        if (existing.Kind is FileStatKind.Folder or FileStatKind.Special)
        {
            string what = existing.Kind == FileStatKind.Folder ? "a folder" : "a pipe, a socket or a device";
            return DestinationDecision.Refuse(P2PErrorCode.FileWriteError, $"Writing \"{VisibleText.Name(path)}\" failed: {what} is in its place.");
        }

        return WithPartial(_rules.Decide(entry, path, existing), entry);
    }

    /// <summary>
    /// Makes an offered folder, or takes one that is there, and remembers its mode and time for
    /// <see cref="FinishFolders"/>. To be called for every folder that was not refused.
    /// </summary>
    /// <exception cref="P2PException">It cannot be made.</exception>
    public void CreateFolder(ManifestEntry entry)
    {
        lock (_lock)
        {
            bool made = _folders.Ensure(entry.Name);
            if (made || _options.OnConflict is ConflictPolicy.Update or ConflictPolicy.Overwrite or ConflictPolicy.Newer)
            {
                _unfinished.Add(entry);
            }
        }
    }

    /// <summary>Makes an offered link.</summary>
    /// <returns>What became of it.</returns>
    /// <exception cref="P2PException">It cannot or must not be made.</exception>
    public CommitResult CreateLink(ManifestEntry entry)
    {
        string path = PathOf(entry.Name);
        lock (_lock)
        {
            _folders.Ensure(WireName.Parent(entry.Name));

            // The folders may have changed since the decision: another entry may have put a link into the path.
            if (LinkObjection(entry) is { } objection) throw new P2PException(P2PErrorCode.NameRefused, objection);
        }

        string partial = PartialPath(entry.Name);
        try
        {
            File.Delete(partial);
            File.CreateSymbolicLink(partial, entry.LinkTarget!.Replace('/', Path.DirectorySeparatorChar));
            if (Posix.Available) _ = Posix.SetModified(partial, entry.Modified, ofLink: true);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Write("Making the link", path, exception);
        }

        return Placement.Put(partial, path, entry, _options);
    }

    /// <summary>Opens the file that an offered file's content is written to.</summary>
    /// <param name="entry">The offered file.</param>
    /// <param name="resume">Keeps what an earlier run left there; otherwise it begins empty.</param>
    /// <exception cref="P2PException">It cannot be written, or another transfer is writing it.</exception>
    public IncomingFile OpenIncoming(ManifestEntry entry, bool resume)
    {
        string parent = WireName.Parent(entry.Name);
        lock (_lock) _folders.Ensure(parent);

        string path = PathOf(entry.Name);
        string partial = PartialPath(entry.Name);
        IncomingFile? file = IncomingFile.TryOpen(path, partial, resume, _options, _guard, out int error);
        if (file is null && error == Posix.AccessDenied)
        {
            lock (_lock)
            {
                if (_folders.Open(parent)) file = IncomingFile.TryOpen(path, partial, resume, _options, _guard, out error);
            }
        }

        return file ?? throw FileErrors.Write("Writing", path, error);
    }

    /// <summary>
    /// Removes the partial that an earlier run left of an accepted file, unless another transfer is writing it.
    /// </summary>
    public void RemovePartial(string name)
    {
        string partial = PartialPath(name);
        if (!FileStat.TryRead(partial, followLinks: false, out FileStat stat, out _) || stat.Kind != FileStatKind.File)
            return;
        try
        {
            IncomingFile.TryOpen(PathOf(name), partial, resume: true, _options, _guard, out _)?.Abandon(keepPartial: false);
        }
        catch (P2PException)
        {
            // Somebody else's now, or not to be opened: a leftover does no harm.
        }
    }

    /// <summary>Opens for reading what is at the destination of an accepted file, or its partial; never through a link.</summary>
    /// <exception cref="P2PException">It cannot be read.</exception>
    public static SafeFileHandle OpenBasis(string path)
    {
        if (Posix.Available)
            return Posix.OpenRead(path, followLinks: false, out int error) ?? throw FileErrors.Write("Reading the old content of", path, error);
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Write("Reading the old content of", path, exception);
        }
    }

    /// <summary>Gives the existing file, whose content is the offered one already, the offered mode and time.</summary>
    /// <param name="entry">The offered file.</param>
    /// <param name="compared">The existing file when it was compared.</param>
    /// <returns>A sentence when it could not be done.</returns>
    public string? Adopt(ManifestEntry entry, in FileStat compared)
    {
        string path = PathOf(entry.Name);
        using SafeFileHandle file = OpenBasis(path);
        if (!FileStat.Of(file, path).IsUnchangedSince(compared)) throw FileErrors.Meddled(path);
        return FileAttributesWriter.SetFile(file, path, entry);
    }

    /// <summary>
    /// Gives folders their modes and times, deepest first, when everything in them is written. May be called after every round.
    /// </summary>
    /// <returns>Sentences about those that could not be set.</returns>
    public IReadOnlyList<string> FinishFolders()
    {
        List<ManifestEntry> entries;
        Dictionary<string, int> opened;
        lock (_lock)
        {
            entries = [.. _unfinished];
            opened = new Dictionary<string, int>(_folders.Opened, StringComparer.Ordinal);
        }

        var problems = new List<string>();
        foreach (ManifestEntry entry in entries.OrderByDescending(entry => entry.Name.AsSpan().Count('/')))
        {
            int? mode = entry.Mode ?? (opened.TryGetValue(entry.Name, out int own) ? own : null);
            if (FileAttributesWriter.SetFolder(PathOf(entry.Name), entry.Modified, mode, entry.ReadOnly) is { } problem) problems.Add(problem);
            opened.Remove(entry.Name);
        }

        foreach ((string name, int mode) in opened) _ = Posix.SetMode(PathOf(name), mode);
        return problems;
    }

    private string PartialPath(string name)
    {
        string parent = WireName.Parent(name);
        string partial = WireName.Partial(WireName.Last(name));
        return PathOf(parent.Length == 0 ? partial : string.Concat(parent, "/", partial));
    }

    private string? LinkObjection(ManifestEntry entry)
        => LinkTarget.Resolve(entry.Name, entry.LinkTarget ?? "") is { } leadsTo
            && (leadsTo.Length == 0 || WireName.Objection(leadsTo, _options.Rules) is null)
            && _folders.HasNoLink(WireName.Parent(entry.Name))
                ? null
                : $"The link \"{VisibleText.Name(entry.Name)}\" was refused: it points out of the destination.";

    private DestinationDecision WithPartial(DestinationDecision decision, ManifestEntry entry)
    {
        if (entry.Kind != EntryKind.File || decision.Kind != DecisionKind.Want) return decision;
        string partial = PartialPath(entry.Name);
        return FileStat.TryRead(partial, followLinks: false, out FileStat stat, out _) && stat.Kind == FileStatKind.File && stat.Length > 0
            ? decision with { PartialPath = partial, PartialLength = stat.Length }
            : decision;
    }
}
