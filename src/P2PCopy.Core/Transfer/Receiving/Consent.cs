using P2PCopy.Files.Names;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// What the user agreed to in one run of a receiver. An entry is covered if the user agreed to its name with the same kind
/// and link target and at least its size. Everything else needs a new question, in whichever round or session it is offered.
/// </summary>
internal sealed class Consent(Func<TransferOffer, CancellationToken, ValueTask<bool>>? ask)
{
    private readonly List<ManifestEntry[]> _agreed = [];
    private Dictionary<string, ManifestEntry>? _byName;

    /// <summary>Whether the user agreed to all of these entries before, or is never asked.</summary>
    public bool Covers(IEnumerable<ManifestEntry> entries) => ask is null || (_agreed.Count > 0 && entries.All(IsCovered));

    /// <summary>Nothing is agreed to any more.</summary>
    public void Forget()
    {
        _agreed.Clear();
        _byName = null;
    }

    /// <summary>Asks the user.</summary>
    public async ValueTask<bool> AskAsync(TransferOffer offer, IEnumerable<ManifestEntry> entries, CancellationToken cancellationToken)
    {
        if (ask is null)
            return true;
        if (!await ask(offer, cancellationToken).ConfigureAwait(false))
            return false;
        _agreed.Add([.. entries]);
        _byName = null;
        return true;
    }

    private bool IsCovered(ManifestEntry entry)
    {
        if (_byName is null)
        {
            // Most transfers have one round in one session and never need this index.
            _byName = new Dictionary<string, ManifestEntry>(StringComparer.Ordinal);
            foreach (ManifestEntry agreed in _agreed.SelectMany(list => list))
                _byName[agreed.Name] = agreed;
        }

        return _byName.TryGetValue(entry.Name, out ManifestEntry? known)
            && known.Kind == entry.Kind
            && known.LinkTarget == entry.LinkTarget
            && (known.Length < 0 || (entry.Length >= 0 && entry.Length <= known.Length));
    }
}
