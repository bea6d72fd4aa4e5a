using P2PCopy.Files.Names;

namespace P2PCopy;

/// <summary>The offer of a sender.</summary>
/// <param name="FileCount">Number of files.</param>
/// <param name="FolderCount">Number of folders.</param>
/// <param name="TotalBytes">Bytes of all files; null if unknown.</param>
/// <param name="Entries">The first entries, at most 1000, in the order of the offer.</param>
/// <param name="FreeBytes">Free bytes at the destination; null on the sender or if unknown.</param>
public sealed record TransferOffer(
    long FileCount,
    long FolderCount,
    long? TotalBytes,
    IReadOnlyList<OfferEntry> Entries,
    long? FreeBytes)
{
    private const int MostEntries = 1000;

    /// <summary>The names of <see cref="Entries"/>.</summary>
    public IReadOnlyList<string> Names => [.. Entries.Select(e => e.Name)];

    /// <summary>
    /// True for files of the agreed offer that changed while they were sent, are offered once more, and are now larger, have further
    /// permission bits, or would replace a newer file.
    /// The receiver asks about them again; if they are declined, only they fail.
    /// </summary>
    public bool IsRepeat { get; init; }

    /// <summary>
    /// On a receiver that asks (<see cref="ReceiveOptions.ConfirmOffer"/>): what it would do with the offer. Null on a sender, with an
    /// output stream, and in the event of a receiver that does not ask.
    /// </summary>
    public TransferPlan? Plan { get; init; }

    /// <summary>Counts a manifest in one walk: it may have a million entries.</summary>
    internal static TransferOffer Of(IEnumerable<ManifestEntry> entries, long? freeBytes = null)
    {
        long files = 0, folders = 0, bytes = 0;
        bool isOpenEnded = false;
        List<OfferEntry> first = [];
        foreach (ManifestEntry entry in entries)
        {
            files += entry.Kind == EntryKind.File ? 1 : 0;
            folders += entry.Kind == EntryKind.Folder ? 1 : 0;
            bytes += Math.Max(0, entry.Length);
            isOpenEnded |= entry.Length < 0;
            if (first.Count < MostEntries)
                first.Add(OfferEntry.Of(entry));
        }

        return new TransferOffer(files, folders, isOpenEnded ? null : bytes, first, freeBytes);
    }
}
