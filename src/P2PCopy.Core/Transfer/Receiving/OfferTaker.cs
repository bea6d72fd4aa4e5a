using System.Threading.Channels;
using P2PCopy.Files;
using P2PCopy.Primitives;
using P2PCopy.Session;
using P2PCopy.Transfer.Wire;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Takes an offer page by page, within the receiver's limits, and asks before the first whether it is wanted.</summary>
internal sealed class OfferTaker(
    PeerSession session, ReceiveOptions options, DestinationTree tree, ReportBook report, EventSink events, TransferMeter meter, ChannelReader<ControlMessage> messages)
{
    /// <summary>Entries are kept in memory: a peer may not take it all.</summary>
    private const int MostEntries = 10_000_000;

    /// <summary>Takes the whole offer of a round, whose first page is <paramref name="first"/>.</summary>
    public async Task<ReceiveRound> TakeAsync(int number, ControlMessage first, CancellationToken cancellationToken)
    {
        var round = new ReceiveRound(number);
        ControlMessage message = first;
        long bytes = 0, characters = 0;
        meter.Phase = TransferPhase.Offering;
        while (true)
        {
            if (message is not OfferPage page || page.Round != number || page.Page != round.PagesTaken)
                throw ControlPort.Unexpected(message);
            foreach (OfferedEntry offered in page.Entries)
            {
                ManifestEntry entry = EntryCodec.Decode(offered);
                round.Entries.Add(entry);
                characters += entry.Name.Length + (entry.LinkTarget?.Length ?? 0);
                if (entry.Length > long.MaxValue - bytes)
                    throw ProtocolErrors.Malformed("an offer of more bytes than there can be");
                bytes += Math.Max(0, entry.Length);
                round.IsOpenEnded |= entry.Length < 0;
            }

            round.PagesTaken++;
            if (round.Entries.Count > MostEntries)
                throw await RefuseAsync($"it offers more than {MostEntries} entries, the most that one transfer can hold. Send the tree in parts.").ConfigureAwait(false);
            if (characters > options.MostNameCharacters)
                throw await RefuseAsync($"its names have more than {options.MostNameCharacters} characters together, the most that one transfer can hold. Send the tree in parts.").ConfigureAwait(false);
            if (round.Entries.Count > options.MaxFiles)
                throw await RefuseAsync($"it offers more than the {options.MaxFiles} files that the receiver accepts (MaxFiles).").ConfigureAwait(false);
            if (bytes > options.MaxSize)
                throw await RefuseAsync($"it offers more than the {options.MaxSize} bytes that the receiver accepts (MaxSize).").ConfigureAwait(false);
            if (page.Last)
                break;
            message = await messages.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        if (round.IsOpenEnded && round.Entries.Count != 1)
            throw ProtocolErrors.Malformed("data of unknown length that is not alone in its round");
        if (number == 0)
            await ConfirmAsync(round, cancellationToken).ConfigureAwait(false);
        return round;
    }

    private async Task<P2PException> RefuseAsync(string why)
    {
        await session.AbortAsync(P2PErrorCode.LimitExceeded, why).ConfigureAwait(false);
        return new P2PException(P2PErrorCode.LimitExceeded, $"The sender's offer was refused: {why}");
    }

    private async Task ConfirmAsync(ReceiveRound round, CancellationToken cancellationToken)
    {
        TransferOffer offer = TransferOffer.Of(round.Entries, options.OutputStream is null ? tree.Space.FreeBytes : null);
        meter.FilesTotal = offer.FileCount;
        meter.BytesTotal = offer.TotalBytes;
        events.Raise(new TransferEvent.Offered(offer));
        if (options.ConfirmOffer is null || await options.ConfirmOffer(offer, cancellationToken).ConfigureAwait(false))
            return;
        const string Declined = "the receiver declined the offer.";
        foreach (ManifestEntry entry in round.Entries)
            report.Settle(report.Open(entry, null), FileStatus.Skipped, message: "The offer was declined.");
        await session.AbortAsync(P2PErrorCode.PeerAborted, Declined).ConfigureAwait(false);
        throw new OfferDeclinedException();
    }
}
