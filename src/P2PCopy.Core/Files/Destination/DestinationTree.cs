using P2PCopy.Files.Flushing;
using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Destination;

/// <summary>
/// The destination of one session. It decides about each offered entry, makes folders and links, and opens the files for the
/// content. Nothing is written before <see cref="CreateFolder"/>, <see cref="CreateLink"/> or
/// <see cref="OpenIncoming"/>.
/// </summary>
/// <remarks>All members may be called from several threads at once.</remarks>
internal sealed class DestinationTree : IDisposable
{
    private readonly DestinationOptions _options;
    private readonly ConflictRules _rules;
    private readonly DestinationFolders _folders;
    private readonly Lock _lock = new();

    // Names of the round, so that a name that is offered twice is detected before two writers use it.
    private readonly HashSet<string> _offered = new(StringComparer.Ordinal);

    private readonly FolderFinish _finish;

    private readonly RecentFolders _recent = new();

    /// <summary>Prepares for a destination. If it does not exist, it is made when something is written.</summary>
    public DestinationTree(string root, DestinationOptions options)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Space = new DestinationSpace(Root, PathOf);
        Attributes = new FileAttributesWriter(options.PreserveMode);
        _options = options;
        _rules = new ConflictRules(options);
        _folders = new DestinationFolders(Root, Guard, options.Folding);
        _finish = new FolderFinish(_folders, Attributes);
        Existing = new ExistingFiles(_folders, Attributes);
        Content = new ContentBarrier(options.TimeProvider);
        Names = new NameBarrier(_folders);
    }

    /// <summary>The destination's full path.</summary>
    public string Root { get; }

    /// <summary>The free space at the destination.</summary>
    public DestinationSpace Space { get; }

    /// <summary>What the destination has of accepted names.</summary>
    public ExistingFiles Existing { get; }

    /// <summary>Writes the content of finished files to the disk.</summary>
    internal ContentBarrier Content { get; }

    /// <summary>Writes placed entries to the disk.</summary>
    public NameBarrier Names { get; }

    internal DestinationOptions Options => _options;

    internal FileAttributesWriter Attributes { get; }

    internal SpellingGuard Guard { get; } = new();

    /// <summary>The local path of an accepted name.</summary>
    public string PathOf(string name) => _folders.PathOf(name);

    /// <summary>
    /// A sentence about a file without the path of the destination, which the other side must not learn.
    /// </summary>
    public string ForPeer(string sentence)
    {
        string shown = VisibleText.Name(Root);
        return Path.EndsInDirectorySeparator(shown)
            ? sentence // the root of a file system reveals nothing
            : sentence
                .Replace(shown + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
                .Replace($"\"{shown}\"", "the destination", StringComparison.Ordinal)
                .Replace(shown, "the destination", StringComparison.Ordinal);
    }

    /// <summary>Begins a round. Names of earlier rounds may be offered again.</summary>
    public void BeginRound()
    {
        lock (_lock)
        {
            _offered.Clear();
            _recent.Clear();
        }
    }

    /// <summary>Adds a wanted file to the space that the round needs.</summary>
    public void Reserve(ManifestEntry entry, in DestinationDecision decision)
    {
        string folder = WireName.Parent(entry.Name);
        long most = Math.Max(0, entry.Length - Math.Max(0, decision.PartialLength));
        long least = FileSystem.Current.HasHoles && entry.Allocated is { } allocated ? Math.Clamp(allocated - Math.Max(0, decision.PartialLength), 0, most) : most;
        lock (_lock)
            Space.Need(_folders.DeviceOf(folder), folder, least, most);
    }

    /// <summary>Decides about one entry and changes nothing. A scratch file may exist for a moment.</summary>
    public DestinationDecision Decide(ManifestEntry entry)
    {
        if (WireName.Objection(entry.Name, _options.Rules) is { } objection)
            return DestinationDecision.Refuse(P2PErrorCode.NameRefused, $"The name \"{VisibleText.Name(entry.Name)}\" was refused: it {objection}.");

        string parent = WireName.Parent(entry.Name);
        bool parentMissing, isThroughLink;
        lock (_lock)
        {
            if (!_offered.Add(entry.Name))
            {
                return DestinationDecision.Refuse(P2PErrorCode.NameRefused, $"The name \"{VisibleText.Name(entry.Name)}\" was refused: it was offered twice.");
            }

            (parentMissing, P2PException? why) = _folders.Look(parent);
            if (why is not null)
                return DestinationDecision.Refuse(why);
            isThroughLink = !_folders.HasNoLink(parent);
            if (_folders.Claim(entry.Name) is { } other)
            {
                return DestinationDecision.Refuse(
                    P2PErrorCode.NameRefused,
                    $"The name \"{VisibleText.Name(entry.Name)}\" was refused: it is the same name here as \"{VisibleText.Name(other)}\".");
            }

            if (entry.Kind == EntryKind.Folder)
            {
                if (entry.Mode is { } mode && ((UnixFileMode)mode & UnixFileMode.UserWrite) == 0)
                    _folders.ReadOnly.Add(entry.Name);
                (bool missing, why) = _folders.Look(entry.Name);
                return why is not null ? DestinationDecision.Refuse(why)
                    : new DestinationDecision { Kind = missing ? DecisionKind.Want : DecisionKind.Unchanged, FullPath = PathOf(entry.Name), ExistingLength = -1 };
            }

            if (entry.Kind == EntryKind.Link && LinkObjection(entry) is { } linkObjection)
            {
                return DestinationDecision.Refuse(P2PErrorCode.NameRefused, linkObjection);
            }
        }

        string path = PathOf(entry.Name);
        if (parentMissing)
            return DestinationDecision.New(path) with { IsThroughLink = isThroughLink };
        lock (_lock)
        {
            try
            {
                return _rules.Decide(FolderOf(parent).Handle, entry, path) with { IsThroughLink = isThroughLink };
            }
            catch (P2PException e)
            {
                return DestinationDecision.Refuse(e);
            }
        }
    }

    /// <summary>
    /// Makes an offered folder, or uses an existing one, and remembers its mode and time for
    /// <see cref="FinishFolders"/>. To be called for every folder that was not refused.
    /// </summary>
    /// <exception cref="P2PException">It cannot be made.</exception>
    public void CreateFolder(ManifestEntry entry)
    {
        lock (_lock)
        {
            _folders.Ensure(entry.Name, FileAttributesWriter.InitialMode(entry), out bool made).Dispose();
            if (made || _options.OnConflict is ConflictPolicy.Update or ConflictPolicy.Overwrite or ConflictPolicy.Newer or ConflictPolicy.Ask)
                _finish.Add(entry, made);
        }
    }

    /// <summary>Makes an offered link.</summary>
    /// <returns>The outcome.</returns>
    /// <exception cref="P2PException">It cannot or must not be made.</exception>
    public CommitResult CreateLink(ManifestEntry entry)
    {
        string path = PathOf(entry.Name), parent = WireName.Parent(entry.Name);
        lock (_lock)
        {
            // The folders may have changed since the decision: another entry may have put a link into the path.
            if (LinkObjection(entry) is { } objection)
                throw new P2PException(P2PErrorCode.NameRefused, objection);
            _folders.Ensure(parent, FileSystem.AllPermissions, out _).Dispose();
        }

        using FolderHandle folder = _folders.Open(parent, followLinks: false);
        string partial = WireName.Partial(WireName.Last(entry.Name));
        _ = PartialFile.Remove(folder, partial);
        int error = folder.MakeLink(partial, entry.LinkTarget!, entry.Modified);
        if (error != 0)
            throw FileErrors.Write("Making the link", path, error);
        try
        {
            return Placement.Put(folder, partial, path, entry, _options);
        }
        catch (P2PException)
        {
            _ = folder.Remove(partial);
            throw;
        }
    }

    /// <summary>Opens the file for the content of an offered file.</summary>
    /// <param name="entry">The offered file.</param>
    /// <param name="resume">Keeps the content that an earlier run left; otherwise the file begins empty.</param>
    /// <param name="path">Its full path, if the caller knows it.</param>
    /// <exception cref="P2PException">It cannot be written, or another transfer is writing it.</exception>
    public IncomingFile OpenIncoming(ManifestEntry entry, bool resume, string? path = null)
    {
        path ??= PathOf(entry.Name);
        string parent = WireName.Parent(entry.Name), partial = WireName.Partial(WireName.Last(entry.Name));
        IncomingFile? file = TryOpen(path, partial, parent, resume, out int error);
        if (file is null && error == FileErrors.NoSuchFile)
        {
            lock (_lock)
                _recent.Clear(); // the folder was removed since the entry before
            file = TryOpen(path, partial, parent, resume, out error);
        }

        if (file is null && error == FileErrors.AccessDenied)
        {
            lock (_lock)
                _ = _folders.ReadOnly.Unlock(parent, FolderOf(parent, make: true).Handle);
            file = TryOpen(path, partial, parent, resume, out error);
        }

        return file ?? throw FileErrors.Write("Writing", path, error);
    }

    /// <summary>Checks that the name of an open folder still leads to it.</summary>
    /// <returns>False if the name leads to another folder.</returns>
    /// <exception cref="P2PException">The name leads to no folder of the destination.</exception>
    internal bool IsStillThere(SharedFolder folder)
    {
        if (_folders.Leads(folder))
            return true;
        lock (_lock)
            _recent.Clear(); // so that the next file of this folder is not lost too
        using FolderHandle now = _folders.Open(folder.Name);
        return folder.IsSameAs(now);
    }

    /// <summary>
    /// Removes the partial that an earlier run left of an accepted file, unless another transfer is writing it.
    /// </summary>
    public void RemovePartial(string name)
    {
        try
        {
            lock (_lock)
            {
                if (_folders.Look(WireName.Parent(name)) is not { IsMissing: false, Objection: null })
                    return;
                _ = PartialFile.Remove(FolderOf(WireName.Parent(name)).Handle, WireName.Partial(WireName.Last(name)));
            }
        }
        catch (P2PException)
        {
            // The folder is gone, and the partial with it.
        }
    }

    /// <summary>
    /// Gives folders their modes and times, deepest first, when everything in them is written. May be called after every round.
    /// </summary>
    /// <returns>Sentences about those that could not be set.</returns>
    public IReadOnlyList<string> FinishFolders()
    {
        lock (_lock)
        {
            _recent.Clear();
            return _finish.Run();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _recent.Clear();
            _folders.Dispose();
        }
    }

    /// <summary>The permission bits that new files keep in a folder.</summary>
    internal UnixFileMode NewMask(string name, FolderHandle folder) => _folders.NewMask(name, folder);

    // Only the folder needs the lock: files of several threads are opened at the same time.
    private IncomingFile? TryOpen(string path, string partial, string parent, bool resume, out int error)
    {
        SharedFolder folder;
        lock (_lock)
            folder = FolderOf(parent, make: true).Share();
        using (folder)
            return IncomingFile.TryOpen(this, folder, path, partial, resume, out error);
    }

    private SharedFolder FolderOf(string name, bool make = false)
    {
        if (_recent.Find(name) is { } recent)
            return recent;
        FolderHandle folder = make ? _folders.Ensure(name, FileSystem.AllPermissions, out _) : _folders.Open(name);
        return _recent.Add(new SharedFolder(name, folder));
    }

    private string? LinkObjection(ManifestEntry entry)
        => LinkTarget.Resolve(entry.Name, entry.LinkTarget ?? "") is { } leadsTo
            && (leadsTo.Length == 0 || WireName.Objection(leadsTo, _options.Rules) is null)
            && _folders.HasNoLink(WireName.Parent(entry.Name))
                ? null
                : $"The link \"{VisibleText.Name(entry.Name)}\" was refused: it points out of the destination.";
}
