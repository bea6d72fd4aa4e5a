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
internal sealed class DestinationTree : IDisposable
{
    private readonly DestinationOptions _options;
    private readonly ConflictRules _rules;
    private readonly DestinationFolders _folders;
    private readonly Lock _lock = new();

    // Names of the round, so that one offered twice is noticed before two writers meet.
    private readonly HashSet<string> _offered = new(StringComparer.Ordinal);

    private readonly FolderFinish _finish;

    // The folder of the latest decision. Entries come folder by folder.
    private (string Name, FolderHandle? Handle) _latest = ("", null);

    /// <summary>Prepares for a destination. It may be missing: it is made when something is written.</summary>
    public DestinationTree(string root, DestinationOptions options)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Space = new DestinationSpace(Root);
        Attributes = new FileAttributesWriter(options.PreserveMode);
        _options = options;
        _rules = new ConflictRules(options);
        _folders = new DestinationFolders(Root, Guard, options.Folding);
        _finish = new FolderFinish(_folders, Attributes);
    }

    /// <summary>The destination's full path.</summary>
    public string Root { get; }

    /// <summary>The free space at the destination.</summary>
    public DestinationSpace Space { get; }

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

    /// <summary>Begins a round: names of earlier ones may be offered again.</summary>
    public void BeginRound()
    {
        lock (_lock)
        {
            _offered.Clear();
            Forget();
        }
    }

    /// <summary>Adds a wanted file to the space that the round needs.</summary>
    public void Reserve(ManifestEntry entry, in DestinationDecision decision)
    {
        string folder = WireName.Parent(entry.Name);
        long bytes = Math.Max(0, Math.Min(entry.Length, entry.Allocated ?? entry.Length) - Math.Max(0, decision.PartialLength));
        lock (_lock)
            Space.Need(_folders.DeviceOf(folder), _folders.PathOf(folder), bytes);
    }

    /// <summary>Decides about one entry and changes nothing. A scratch file may exist for a moment.</summary>
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
            if (why is not null)
                return DestinationDecision.Refuse(code, why);
            if (_folders.Claim(entry.Name) is { } other)
            {
                return DestinationDecision.Refuse(
                    P2PErrorCode.NameRefused,
                    $"The name \"{VisibleText.Name(entry.Name)}\" was refused: it is the same name here as \"{VisibleText.Name(other)}\".");
            }

            if (entry.Kind == EntryKind.Folder)
            {
                if (entry.Mode is { } mode && ((UnixFileMode)mode & UnixFileMode.UserWrite) == 0)
                    _folders.MayUnlock(entry.Name);
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
        if (parentMissing)
            return DestinationDecision.Want(path, -1);
        lock (_lock)
        {
            try
            {
                return _rules.Decide(LatestFolder(WireName.Parent(entry.Name)), entry, path);
            }
            catch (P2PException e)
            {
                return DestinationDecision.Refuse(e.Code, e.Message);
            }
        }
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
            _folders.Ensure(entry.Name, FileAttributesWriter.InitialMode(entry), out bool made).Dispose();
            if (made || _options.OnConflict is ConflictPolicy.Update or ConflictPolicy.Overwrite or ConflictPolicy.Newer)
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

    /// <summary>Opens the file that an offered file's content is written to.</summary>
    /// <param name="entry">The offered file.</param>
    /// <param name="resume">Keeps what an earlier run left there; otherwise it begins empty.</param>
    /// <exception cref="P2PException">It cannot be written, or another transfer is writing it.</exception>
    public IncomingFile OpenIncoming(ManifestEntry entry, bool resume)
    {
        string parent = WireName.Parent(entry.Name);
        lock (_lock)
        {
            using FolderHandle folder = _folders.Ensure(parent, FileSystem.AllPermissions, out _);
            IncomingFile? file = IncomingFile.TryOpen(this, folder, entry.Name, resume, out int error);
            if (file is null && error == FileErrors.AccessDenied && _folders.Unlock(parent, folder))
                file = IncomingFile.TryOpen(this, folder, entry.Name, resume, out error);
            return file ?? throw FileErrors.Write("Writing", PathOf(entry.Name), error);
        }
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
                _ = PartialFile.Remove(LatestFolder(WireName.Parent(name)), WireName.Partial(WireName.Last(name)));
            }
        }
        catch (P2PException)
        {
            // The folder is gone, and the partial with it.
        }
    }

    /// <summary>Opens for reading the existing file of an accepted name; never through a link.</summary>
    /// <exception cref="P2PException">It cannot be read.</exception>
    public SafeFileHandle OpenExisting(string name)
    {
        using FolderHandle folder = OpenFolder(WireName.Parent(name));
        return folder.OpenRead(WireName.Last(name).ToString(), out int error)
            ?? throw FileErrors.Write("Reading the old content of", PathOf(name), error);
    }

    /// <summary>Opens for reading the partial of an accepted name, if it may be continued.</summary>
    /// <exception cref="P2PException">It cannot be read.</exception>
    public SafeFileHandle OpenPartial(string name)
    {
        using FolderHandle folder = OpenFolder(WireName.Parent(name));
        SafeFileHandle? file = folder.OpenRead(WireName.Partial(WireName.Last(name)), out int error);
        if (file is not null && PartialFile.IsTrusted(folder, FileStat.Of(file, "")))
            return file;
        file?.Dispose();
        throw FileErrors.Write("Reading the old content of", PathOf(name), file is null ? error : FileErrors.AccessDenied);
    }

    /// <summary>Gives the existing file, whose content is the offered one already, the offered mode and time.</summary>
    /// <param name="entry">The offered file.</param>
    /// <param name="compared">The existing file when it was compared.</param>
    /// <returns>A sentence when it could not be done.</returns>
    public string? Adopt(ManifestEntry entry, in FileStat compared)
    {
        using SafeFileHandle file = OpenExisting(entry.Name);
        string path = PathOf(entry.Name);
        FileStat now = FileStat.Of(file, path);
        if (!now.IsUnchangedSince(compared))
            throw FileErrors.Meddled(path);
        return Attributes.SetFile(file, path, entry, Attributes.ModeOf(entry, now.Mode, FileSystem.AllPermissions));
    }

    /// <summary>
    /// Gives folders their modes and times, deepest first, when everything in them is written. May be called after every round.
    /// </summary>
    /// <returns>Sentences about those that could not be set.</returns>
    public IReadOnlyList<string> FinishFolders()
    {
        lock (_lock)
        {
            Forget();
            return _finish.Run();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            Forget();
            _folders.Dispose();
        }
    }

    /// <summary>Opens a folder of the destination.</summary>
    /// <exception cref="P2PException">It does not exist, or the path leads out of the destination.</exception>
    internal FolderHandle OpenFolder(string folder) => _folders.Open(folder);

    /// <summary>The permission bits that new files keep in a folder.</summary>
    internal UnixFileMode NewMask(string name, FolderHandle folder) => _folders.NewMask(name, folder);

    private FolderHandle LatestFolder(string name)
    {
        if (_latest.Handle is { } latest && _latest.Name == name)
            return latest;
        Forget();
        FolderHandle folder = _folders.Open(name);
        _latest = (name, folder);
        return folder;
    }

    private void Forget()
    {
        _latest.Handle?.Dispose();
        _latest = ("", null);
    }

    private string? LinkObjection(ManifestEntry entry)
        => LinkTarget.Resolve(entry.Name, entry.LinkTarget ?? "") is { } leadsTo
            && (leadsTo.Length == 0 || WireName.Objection(leadsTo, _options.Rules) is null)
            && _folders.HasNoLink(WireName.Parent(entry.Name))
                ? null
                : $"The link \"{VisibleText.Name(entry.Name)}\" was refused: it points out of the destination.";
}
