using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;
using P2PCopy.Primitives;

namespace P2PCopy.Files.Source;

/// <summary>
/// Lists the files and folders that a sender selected. Each entry needs one call to the file system, and only the
/// offered data is kept, because there may be a million entries.
/// </summary>
internal sealed class SourceScanner
{
    // The open files of a process are limited. In a deeper tree a folder is closed while the walk is below it.
    private const int MostOpenFolders = 32;

    private readonly SourceSelection _selection;
    private readonly GlobFilter _filter;
    private readonly CancellationToken _cancellationToken;
    private readonly List<SourceEntry> _entries = [];
    private readonly List<SourceProblem> _problems = [];
    private readonly List<FileProblem> _warnings = [];

    // The first name that the patterns left out.
    private string? _unwanted;

    // Folders that are offered only if an entry below them is included.
    private readonly List<SourceEntry> _pending = [];

    // The folders that the walk is in. Only through links can it reach one of them again.
    private readonly List<string> _folders = [];

    // Destination names of the items: a preserved link points into one of them.
    private readonly HashSet<string> _items = new(StringComparer.Ordinal);

    private SourceScanner(SourceSelection selection, CancellationToken cancellationToken)
    {
        _selection = selection;
        _filter = new GlobFilter(selection.Include, selection.Exclude, FileSystem.Current.IgnoresCase);
        _cancellationToken = cancellationToken;
    }

    /// <summary>Lists the entries to send.</summary>
    /// <exception cref="P2PException">
    /// <see cref="P2PErrorCode.InvalidOption"/>: two items with one destination name, an item outside the base path, an
    /// unusable pattern, patterns that leave out everything; <see cref="P2PErrorCode.FileReadError"/>: nothing can be read, or
    /// everything is left out.
    /// </exception>
    public static SourceTree Scan(SourceSelection selection, CancellationToken cancellationToken)
    {
        var scanner = new SourceScanner(selection, cancellationToken);
        return scanner.Scan();
    }

    private SourceTree Scan()
    {
        List<SourceItem> items = SourceItem.Resolve(_selection, _problems, _cancellationToken);
        _items.UnionWith(items.Select(item => item.Name));
        foreach (SourceItem item in items)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (ReadError(item.FullPath, out FileStat stat) is > 0 and int error)
            {
                _problems.Add(new SourceProblem(item.Given, item.FullPath, FileErrors.Read(item.FullPath, error))
                {
                    NameForPeer = Path.GetFileName(Path.TrimEndingDirectorySeparator(item.FullPath)),
                });
                continue;
            }

            if (item.Name.Length == 0)
            {
                _folders.Add(item.Root.Folder);
                Children("", item.Root, includedAbove: false);
                _folders.Clear();
            }
            else
            {
                Visit(item.Name, item.Root, stat, includedAbove: false);
            }
        }

        // An empty transfer that succeeds would hide the problem.
        if (_entries.Count == 0 && (_problems.Count > 0 || _warnings.Count > 0))
        {
            FileProblem first = _problems.Count > 0 ? _problems[0].Problem : _warnings[0];
            throw new P2PException(P2PErrorCode.FileReadError, "Nothing can be sent: " + first.Message) { Hint = first.Hint };
        }

        if (_entries.Count == 0 && _unwanted is not null)
        {
            throw new P2PException(
                P2PErrorCode.InvalidOption,
                $"Nothing can be sent: {Patterns()} left out every file, such as \"{VisibleText.Name(_unwanted)}\".")
            {
                Hint = "Change the patterns.",
            };
        }

        return new SourceTree(_entries, _problems, _warnings);
    }

    /// <summary>Why a named file or folder cannot be read, as far as that is known without opening it.</summary>
    /// <returns>0, or the error number.</returns>
    private static int ReadError(string path, out FileStat stat)
    {
        if (!FileStat.TryRead(path, followLinks: false, out stat, out int error))
            return error;
        return stat.Kind is FileStatKind.File or FileStatKind.Folder ? FileSystem.Current.MayRead(path, stat.Kind == FileStatKind.Folder) : 0;
    }

    private void Visit(string name, SourceRoot root, FileStat stat, bool includedAbove)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        string path = root.PathOf(name);
        if (WireName.IsPartial(WireName.Last(name)))
        {
            _warnings.Add(new FileProblem($"\"{VisibleText.Name(name)}\" was left out: it is an unfinished file of P2PCopy."));
            return;
        }

        if (stat.Kind == FileStatKind.Link)
        {
            if (IsExcluded(name, isFolder: false))
                return;
            if (_selection.Links != LinkPolicy.Follow)
            {
                Link(name, path, root, stat, includedAbove);
                return;
            }

            if (!FileStat.TryRead(path, followLinks: true, out stat, out int error))
            {
                _problems.Add(new SourceProblem(name, path, FileErrors.Read(path, error) with { Hint = "It is a link: check its target." }));
                return;
            }

            if (stat.Kind == FileStatKind.Folder && LeadsBack(path))
            {
                _warnings.Add(new FileProblem($"The link \"{VisibleText.Name(name)}\" was not followed: it leads back to a folder that holds it."));
                return;
            }
        }

        bool isFolder = stat.Kind == FileStatKind.Folder;
        if (IsExcluded(name, isFolder))
            return;
        bool included = includedAbove || IsIncluded(name, isFolder);
        switch (stat.Kind)
        {
            case FileStatKind.Folder:
                Folder(name, root, stat, included);
                break;
            case FileStatKind.File when included:
                Add(SourceEntry.Of(stat, name, root));
                break;
            case FileStatKind.Special when included:
                _warnings.Add(new FileProblem($"\"{VisibleText.Name(name)}\" was left out: it is a pipe, a socket or a device."));
                break;
        }
    }

    private void Folder(string name, SourceRoot root, FileStat stat, bool included)
    {
        var entry = new SourceEntry(
            new ManifestEntry(name, EntryKind.Folder, 0, stat.Modified, (int?)(stat.Mode & FileSystem.AllPermissions), stat.ReadOnly), root);
        if (included)
            Add(entry);
        else
            _pending.Add(entry);
        int pending = _pending.Count;
        _folders.Add(root.PathOf(name));
        Children(name, root, included);
        _folders.RemoveAt(_folders.Count - 1);
        if (!included && _pending.Count == pending && pending > 0 && ReferenceEquals(_pending[^1].Entry, entry.Entry))
        {
            _pending.RemoveAt(pending - 1);
        }
    }

    private void Children(string name, SourceRoot root, bool includedAbove)
    {
        string folder = name.Length == 0 ? root.Folder : root.PathOf(name);
        FolderHandle? open = root.OpenFolder(name, out int error);
        try
        {
            if (open is null)
                _problems.Add(new SourceProblem(name, folder, FileErrors.Read(folder, error)));
            else if (Names(name, folder, open) is { } names)
                Children(name, root, names, ref open, includedAbove);
        }
        finally
        {
            open?.Dispose();
        }
    }

    private string[]? Names(string name, string path, FolderHandle folder)
    {
        try
        {
            string[] names = [.. folder.List(path)];
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            _problems.Add(new SourceProblem(name, path, FileErrors.Read(path, e)));
            return null;
        }
    }

    private void Children(string name, SourceRoot root, string[] names, ref FolderHandle? open, bool includedAbove)
    {
        for (int i = 0; i < names.Length; i++)
        {
            string child = name.Length == 0 ? names[i] : string.Concat(name, "/", names[i]);
            string path = root.PathOf(child);

            // Bytes that are not UTF-8 are read as replacement characters. Such a name cannot be opened, or opens another file.
            bool unusable = (i > 0 && names[i] == names[i - 1]) || !WellFormed.Is(names[i]);
            int error = FileErrors.NoSuchFile;
            if (unusable || (open ??= root.OpenFolder(name, out error)) is not { } folder || !folder.TryStat(names[i], out FileStat stat, out error))
            {
                unusable |= error == FileErrors.NoSuchFile && names[i].Contains('\uFFFD');
                _problems.Add(new SourceProblem(child, path, unusable
                    ? new FileProblem($"\"{VisibleText.Name(path)}\" cannot be sent: its name is not valid Unicode.", "Rename it.")
                    : FileErrors.Read(path, error)));
                continue;
            }

            if (_folders.Count > MostOpenFolders && (stat.Kind is FileStatKind.Folder or FileStatKind.Link))
            {
                folder.Dispose();
                open = null;
            }

            Visit(child, root, stat, includedAbove);
        }
    }

    private void Link(string name, string path, SourceRoot root, FileStat stat, bool includedAbove)
    {
        if (!includedAbove && !IsIncluded(name, isFolder: false))
            return;
        if (_selection.Links == LinkPolicy.Skip)
        {
            _warnings.Add(new FileProblem($"The link \"{VisibleText.Name(name)}\" was left out.", "Use `Links Follow` or `Links Preserve` to send links."));
            return;
        }

        string? target = FileSystem.Current.LinkTarget(path) is { } text ? LocalPath.ToWire(text) : null;
        if (target is null || !IsSent(LinkTarget.Resolve(name, target)))
        {
            _warnings.Add(new FileProblem($"The link \"{VisibleText.Name(name)}\" was left out: it points out of the tree that is sent."));
            return;
        }

        Add(new SourceEntry(new ManifestEntry(name, EntryKind.Link, 0, stat.Modified, LinkTarget: target), root));
    }

    private bool IsExcluded(string name, bool isFolder)
    {
        bool excluded = _filter.IsExcluded(name, isFolder);
        if (excluded)
            _unwanted ??= name;
        return excluded;
    }

    private bool IsIncluded(string name, bool isFolder)
    {
        bool included = _filter.IsIncluded(name, isFolder);

        // A folder that is not included is walked too, because an entry in it may be included.
        if (!included && !isFolder)
            _unwanted ??= name;
        return included;
    }

    private string Patterns()
    {
        (string Option, IReadOnlyList<string> Given)[] options = [("`Include`", _selection.Include), ("`Exclude`", _selection.Exclude)];
        return string.Join(" and ", options
            .Where(o => o.Given.Count > 0)
            .Select(o => $"{o.Option} {string.Join(", ", o.Given.Select(pattern => $"\"{VisibleText.Name(pattern)}\""))}"));
    }

    private bool IsSent(string? name)
    {
        for (; !string.IsNullOrEmpty(name); name = WireName.Parent(name))
        {
            if (_items.Contains(name))
                return true;
        }

        return name is not null && _items.Contains("");
    }

    private bool LeadsBack(string path)
    {
        if (RealPath.Of(path) is not { } real)
            return true;

        // A link to a folder that contains a folder of the walk would repeat the walk without end.
        foreach (string folder in _folders)
        {
            if (RealPath.Of(folder) is not { } realFolder || RealPath.IsWithin(realFolder, real))
                return true;
        }

        return false;
    }

    private void Add(SourceEntry entry)
    {
        // The waiting folders come first. Only those that contain this entry are left; the others were removed.
        _entries.AddRange(_pending);
        _pending.Clear();
        _entries.Add(entry);
    }
}
