using P2PCopy.Files.Names;
using P2PCopy.Files.Platform;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// What the user agreed to in one run of a receiver. An entry is covered if it can do no more than the plan showed: the same name, kind and
/// link target, at most the size, no further permission bits, and a time that gives the same decision about a file that is here.
/// Everything else needs a new question, in whichever round or session it is offered.
/// </summary>
internal sealed class Consent(Func<TransferOffer, CancellationToken, ValueTask<bool>>? ask)
{
    private readonly List<(ManifestEntry[] Entries, PlannedEffect[]? Effects)> _agreed = [];
    private Dictionary<string, (ManifestEntry Entry, PlannedEffect Effect)>? _byName;

    /// <summary>Whether the user agreed to all of these entries before, or is never asked.</summary>
    public bool Covers(IEnumerable<ManifestEntry> entries) => ask is null || (_agreed.Count > 0 && entries.All(IsCovered));

    /// <summary>Nothing is agreed to any more.</summary>
    public void Forget()
    {
        _agreed.Clear();
        _byName = null;
    }

    /// <summary>Asks the user.</summary>
    /// <param name="offer">What the user sees.</param>
    /// <param name="entries">The entries of the offer.</param>
    /// <param name="effects">What the plan says about each of them; null without a destination folder, where nothing is replaced.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public async ValueTask<bool> AskAsync(TransferOffer offer, IEnumerable<ManifestEntry> entries, PlannedEffect[]? effects, CancellationToken cancellationToken)
    {
        if (ask is null)
            return true;
        if (!await ask(offer, cancellationToken).ConfigureAwait(false))
            return false;
        _agreed.Add(([.. entries], effects));
        _byName = null;
        return true;
    }

    private bool IsCovered(ManifestEntry entry)
    {
        if (_byName is null)
        {
            // Most transfers have one round in one session and never need this index.
            _byName = new(StringComparer.Ordinal);
            foreach ((ManifestEntry[] entries, PlannedEffect[]? effects) in _agreed)
            {
                for (int i = 0; i < entries.Length; i++)
                    _byName[entries[i].Name] = (entries[i], effects?[i] ?? PlannedEffect.New);
            }
        }

        return _byName.TryGetValue(entry.Name, out (ManifestEntry Entry, PlannedEffect Effect) known)
            && known.Entry.Kind == entry.Kind
            && known.Entry.LinkTarget == entry.LinkTarget
            && (known.Entry.Length < 0 || (entry.Length >= 0 && entry.Length <= known.Entry.Length))
            && (ModeOf(entry) & ~ModeOf(known.Entry)) == 0
            && DecidesAlike(entry, known.Entry, known.Effect);
    }

    // Size and time decide whether a file that is here is replaced, and whether the plan called it newer.
    private static bool DecidesAlike(ManifestEntry entry, ManifestEntry known, PlannedEffect effect) => effect switch
    {
        PlannedEffect.New => true,
        PlannedEffect.Replaces => entry.Modified >= known.Modified,
        _ => entry.Kind == EntryKind.Folder || (entry.Modified == known.Modified && entry.Length == known.Length),
    };

    private static UnixFileMode ModeOf(ManifestEntry entry)
        => (UnixFileMode?)entry.Mode ?? (entry.Kind == EntryKind.File ? FileSystem.AllPermissions & ~FileSystem.AllExecute : FileSystem.AllPermissions);
}
