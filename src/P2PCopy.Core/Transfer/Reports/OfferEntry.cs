using P2PCopy.Files.Names;

namespace P2PCopy;

/// <summary>One file, folder or link that a sender offers.</summary>
/// <param name="Name">The destination name, <c>/</c> between parts.</param>
/// <param name="Kind">File, folder or link.</param>
/// <param name="Length">Bytes of a file; null if they are only known at its end, and for others.</param>
/// <param name="Modified">The modification time, UTC; null for a stream.</param>
public sealed record OfferEntry(string Name, FileReportKind Kind, long? Length, DateTime? Modified)
{
    internal static OfferEntry Of(ManifestEntry entry)
        => new(
            entry.Name,
            (FileReportKind)entry.Kind,
            entry is { Kind: EntryKind.File, Length: >= 0 } ? entry.Length : null,
            entry is { Kind: EntryKind.File, Length: < 0 } ? null : entry.Modified);
}
