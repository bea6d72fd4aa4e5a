using P2PCopy.Files.Platform;
using P2PCopy.Files.Source;

namespace P2PCopy;

/// <summary>Shows the offer of a sender without connecting.</summary>
public static class SendPreview
{
    /// <summary>Scans the files that the options name.</summary>
    /// <param name="options">The options of the sender. Skipped and unreadable files are reported to its <see cref="TransferOptions.OnEvent"/>.</param>
    /// <param name="cancellationToken">Cancels the walk.</param>
    /// <returns>Counts, size and the first 1000 names.</returns>
    /// <exception cref="P2PException">The paths cannot be sent as they are given, or nothing can be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TransferOffer Create(SendOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.InputStream is not null)
            return new TransferOffer(1, 0, null, [new OfferEntry(options.Name ?? string.Empty, FileReportKind.File, null, null)], FreeBytes: null);

        SourceTree tree = SourceScanner.Scan(options.Selection, cancellationToken);
        foreach (FileProblem warning in tree.Omissions)
            options.OnEvent?.Invoke(new TransferEvent.Warning(warning.Message, warning.Hint));

        return TransferOffer.Of(tree.Entries.Select(e => e.Entry));
    }
}
