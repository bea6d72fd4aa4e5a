using System.Globalization;
using P2PCopy.Files.Names;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Takes an offer page by page, within the receiver's limits, and asks before the first whether it is wanted.</summary>
internal sealed class OfferTaker(ReceiveContext context)
{
    /// <summary>Entries are kept in memory: a peer may not take it all.</summary>
    private const int MostEntries = 10_000_000;

    // Over all rounds: a limit that begins anew with each round would be none.
    private long _entries;
    private long _wanted;
    private long _bytes;
    private long _characters;

    /// <summary>Takes the whole offer of a round, whose first page is <paramref name="first"/>.</summary>
    public async Task<ReceiveRound> TakeAsync(int number, ControlMessage first, CancellationToken cancellationToken)
    {
        var round = new ReceiveRound(number) { BytesOfferedBefore = _bytes };
        ControlMessage message = first;
        context.Meter.Phase = TransferPhase.Offering;
        while (true)
        {
            if (message is not OfferPage page || page.Round != number || page.Page != round.PagesTaken)
                throw ControlPort.Unexpected(message);
            foreach (OfferedEntry offered in page.Entries)
            {
                ManifestEntry entry = EntryCodec.Decode(offered);
                round.Entries.Add(entry);
                Count(entry);
                round.IsOpenEnded |= entry.Length < 0;
            }

            round.PagesTaken++;
            if (_entries > MostEntries)
                throw await RefuseAsync($"it offers more than {MostEntries} entries, the most that one transfer can hold. Send the tree in parts.").ConfigureAwait(false);
            if (_characters > context.Options.MostNameCharacters)
                throw await RefuseAsync($"its names have more than {context.Options.MostNameCharacters} characters together, the most that one transfer can hold. Send the tree in parts.").ConfigureAwait(false);
            if (_wanted > context.Options.MaxFiles)
                throw await RefuseAsync(string.Create(CultureInfo.InvariantCulture, $"it offers more than the {context.Options.MaxFiles:N0} files that the receiver accepts (`MaxFiles`).")).ConfigureAwait(false);
            if (_bytes > context.Options.MaxSize)
                throw await RefuseAsync(string.Create(CultureInfo.InvariantCulture, $"it offers more than the {context.Options.MaxSize:N0} bytes that the receiver accepts (`MaxSize`).")).ConfigureAwait(false);
            if (page.Last)
                break;
            message = await context.Messages.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        if (round.IsOpenEnded && round.Entries.Count != 1)
            throw ProtocolErrors.Malformed("data of unknown length that is not alone in its round");
        if (context.Options.OutputStream is not null && round.Entries is not [{ Kind: EntryKind.File }])
            throw await RefuseAsync($"it offers {round.Entries.Count} entries, and the receiver writes exactly one file to its output stream. Send one file, or receive into a folder.").ConfigureAwait(false);
        if (number == 0)
            await ConfirmAsync(round, cancellationToken).ConfigureAwait(false);
        return round;
    }

    /// <summary>Adds what came of a round whose length was not known, so that it counts for the next.</summary>
    public void CountOpenEnded(long bytes) => _bytes = bytes > long.MaxValue - _bytes ? long.MaxValue : _bytes + bytes;

    /// <summary>What failed and is offered once more counts once.</summary>
    private void Count(ManifestEntry entry)
    {
        bool isAgain = context.FailedLines.TryGetValue(entry.Name, out int line);
        long bytes = Math.Max(0, entry.Length - (isAgain ? context.Report[line].Length : 0));
        if (bytes > long.MaxValue - _bytes)
            throw ProtocolErrors.Malformed("an offer of more bytes than there can be");
        _bytes += bytes;
        _entries++;
        _characters += entry.Name.Length + (entry.LinkTarget?.Length ?? 0);
        _wanted += isAgain ? 0 : 1;
    }

    private async Task<P2PException> RefuseAsync(string why)
    {
        await context.Session.AbortAsync(P2PErrorCode.LimitExceeded, why).ConfigureAwait(false);
        return new P2PException(P2PErrorCode.LimitExceeded, $"The sender's offer was refused: {why}");
    }

    private async Task ConfirmAsync(ReceiveRound round, CancellationToken cancellationToken)
    {
        TransferOffer offer = TransferOffer.Of(round.Entries, context.Options.OutputStream is null ? context.Tree.Space.FreeBytes : null);
        context.Meter.FilesTotal = offer.FileCount;
        context.Meter.BytesTotal = offer.TotalBytes;
        context.Events.Raise(new TransferEvent.Offered(offer));
        if (context.Options.ConfirmOffer is null || await context.Options.ConfirmOffer(offer, cancellationToken).ConfigureAwait(false))
            return;
        const string Declined = "the receiver declined the offer.";
        foreach (ManifestEntry entry in round.Entries)
            context.Report.Settle(context.Report.Open(entry, null), FileStatus.Skipped, message: "The offer was declined.");
        await context.Session.AbortAsync(P2PErrorCode.PeerAborted, Declined).ConfigureAwait(false);
        throw new OfferDeclinedException();
    }
}
