using System.Globalization;
using P2PCopy.Files.Names;
using P2PCopy.Session.Messages;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Charges every offered entry against <see cref="ReceiveOptions.MaxFiles"/>, <see cref="ReceiveOptions.MaxSize"/> and
/// the memory for names, over all rounds and sessions of one run. Nothing is ever refunded, because a file that failed can
/// leave a partial file. A name that is offered again is charged once, with its largest size. A folder that a name implies
/// is charged like an offered folder.
/// </summary>
internal sealed class ReceiveBudget(ReceiveOptions options)
{
    /// <summary>What to do about an offer that is too large.</summary>
    public const string Advice = "Send the tree in parts, or raise the limits of the receiver (`MaxFiles`, `MaxSize`).";

    private const int MaxEntries = 10_000_000;

    // Only filled where the options set a limit: the names of a large offer take much memory.
    private readonly Dictionary<string, long> _files = new(StringComparer.Ordinal);
    private readonly bool _isLimited = options.MaxFiles is not null || options.MaxSize is not null;

    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private long _held; // entries and implied folders that are in memory
    private long _characters; // of their names
    private long _charged; // entries and implied folders that count for `MaxFiles`
    private long _bytes;

    /// <summary>Starts a session: the entries of the one before are no longer in memory.</summary>
    public void BeginSession()
    {
        if (!_isLimited)
        {
            _folders.Clear();
            _held = _characters = _charged = _bytes = 0;
            return;
        }

        _held = _files.Count + _folders.Count;
        _characters = _files.Keys.Concat(_folders).Sum(name => (long)name.Length);
    }

    /// <summary>Charges names again that were charged before. The sums stay.</summary>
    public void ForgetNames()
    {
        _files.Clear();
        _folders.Clear();
    }

    /// <summary>Charges an offered entry.</summary>
    /// <returns>The reason to refuse the offer, or null.</returns>
    public string? Charge(ManifestEntry entry)
    {
        _held++;
        _characters += entry.Name.Length + (entry.LinkTarget?.Length ?? 0);
        if (entry.Kind == EntryKind.Folder)
            _charged += _folders.Add(entry.Name) ? 1 : 0;
        else
            ChargeFile(entry.Name, Math.Max(0, entry.Length));
        ChargeImpliedFolders(entry.Name);
        return Objection();
    }

    /// <summary>Charges a name that is only reported.</summary>
    /// <inheritdoc cref="Charge"/>
    public string? ChargeName(string name)
    {
        _held++;
        _characters += name.Length;
        return Objection();
    }

    /// <summary>Charges a stream of unknown length with the bytes that arrived.</summary>
    public void ChargeStream(string name, long bytes)
    {
        long charged = _files.GetValueOrDefault(name);
        Add(Math.Max(0, bytes - charged));
        if (_isLimited)
            _files[name] = Math.Max(charged, bytes);
    }

    /// <summary>Bytes that a stream of unknown length may have.</summary>
    public long LeftFor(string name)
        => options.MaxSize is { } max ? Math.Max(0, max - _bytes + _files.GetValueOrDefault(name)) : long.MaxValue;

    private void ChargeFile(string name, long bytes)
    {
        bool isKnown = _files.TryGetValue(name, out long charged);
        _charged += isKnown ? 0 : 1;
        Add(Math.Max(0, bytes - charged));
        if (_isLimited)
            _files[name] = Math.Max(charged, bytes);
    }

    private void Add(long bytes)
    {
        if (bytes > long.MaxValue - _bytes)
            throw ProtocolErrors.Malformed("an offer of more bytes than there can be");
        _bytes += bytes;
    }

    private void ChargeImpliedFolders(string name)
    {
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> folders = _folders.GetAlternateLookup<ReadOnlySpan<char>>();
        ReadOnlySpan<char> path = name;
        for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/'))
        {
            path = path[..slash];
            if (!folders.Add(path))
                return; // and so are the folders above it
            _held++;
            _charged++;
            _characters += path.Length;
        }
    }

    private string? Objection() => this switch
    {
        { _held: > MaxEntries } => string.Create(
            CultureInfo.InvariantCulture, $"it offers more than {MaxEntries:N0} entries, the limit of one transfer."),
        _ when _characters > options.MostNameCharacters => string.Create(
            CultureInfo.InvariantCulture, $"its names have more than {options.MostNameCharacters:N0} characters together, the limit of one transfer."),
        _ when _charged > options.MaxFiles => string.Create(
            CultureInfo.InvariantCulture, $"it offers more than the {options.MaxFiles:N0} files that the receiver accepts (`MaxFiles`)."),
        _ when _bytes > options.MaxSize => string.Create(
            CultureInfo.InvariantCulture, $"it offers more than the {options.MaxSize:N0} bytes that the receiver accepts (`MaxSize`)."),
        _ => null,
    };
}
