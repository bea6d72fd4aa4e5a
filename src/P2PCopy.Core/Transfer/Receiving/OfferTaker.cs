using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Receives the offer of a round page by page, within the receiver's limits, and asks the user where consent is missing.</summary>
internal sealed class OfferTaker(ReceiveContext context)
{
    /// <summary>Receives the whole offer of a round, whose first page is <paramref name="first"/>.</summary>
    public async Task<ReceiveRound> TakeAsync(int number, ControlMessage first, CancellationToken cancellationToken)
    {
        var round = new ReceiveRound(new RoundTrailers(number, context.Sender.Hash, context.Session.TrailerKey));
        ControlMessage message = first;
        context.Meter.Phase = TransferPhase.Offering;
        while (true)
        {
            if (message is not OfferPage page || page.Round != number || page.Page != round.PagesTaken)
                throw ControlPort.Unexpected(message);
            foreach (OfferedEntry offered in page.Entries)
            {
                ManifestEntry entry = EntryCodec.Decode(offered);
                round.Add(entry);
                if (context.Run.Budget.Charge(entry) is { } objection)
                    throw await RefuseAsync(objection).ConfigureAwait(false);
            }

            if (page.Unread.Length > 0 && number > 0)
                throw ProtocolErrors.Malformed("names that it could not read, in a further round");
            foreach (string name in page.Unread)
            {
                round.Unread.Add(VisibleText.Name(name));
                if (context.Run.Budget.ChargeName(name) is { } objection)
                    throw await RefuseAsync(objection).ConfigureAwait(false);
            }

            context.Watch.Touch(page.Entries.Length + page.Unread.Length);
            round.PagesTaken++;
            if (page.Last)
                break;
            message = await context.Messages.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        if (round.IsOpenEnded && round.Entries.Count != 1)
            throw ProtocolErrors.Malformed("data of unknown length that is not alone in its round");
        if (context.Options.OutputStream is not null && round.Entries is not [{ Offered.Kind: EntryKind.File }])
            throw await RefuseAsync($"it offers {round.Entries.Count} entries, and the receiver writes exactly one file to its output stream.", "Send one file, or receive into a folder.").ConfigureAwait(false);
        if (number == 0)
            await ConfirmAsync(round, cancellationToken).ConfigureAwait(false);
        else
            await ConfirmRetriesAsync(round, cancellationToken).ConfigureAwait(false);
        return round;
    }

    private async Task<P2PException> RefuseAsync(string why, string? hint = null)
    {
        await context.Session.AbortAsync(P2PErrorCode.LimitExceeded, why).ConfigureAwait(false);
        return new P2PException(P2PErrorCode.LimitExceeded, $"The sender's offer was refused: {why}") { Hint = hint ?? ReceiveBudget.Advice };
    }

    private async Task ConfirmAsync(ReceiveRound round, CancellationToken cancellationToken)
    {
        TransferOffer offer = Describe(round.Offered);
        context.Meter.FilesTotal = offer.FileCount;
        context.Meter.BytesTotal = offer.TotalBytes ?? -1;
        context.Events.Raise(new TransferEvent.Offered(offer));
        if (context.Run.Consent.Covers(round.Offered) || await AskAsync(offer, round.Offered, cancellationToken).ConfigureAwait(false))
            return;

        const string Declined = "the receiver declined the offer.";
        foreach (ManifestEntry entry in round.Offered)
            context.Report.Settle(context.Report.Open(entry, null), FileStatus.Skipped, message: "The offer was declined.");
        await context.Session.AbortAsync(P2PErrorCode.PeerAborted, Declined).ConfigureAwait(false);
        throw new OfferDeclinedException();
    }

    /// <summary>Asks about files of a further round that can do more than what the user agreed to. The others need no question.</summary>
    private async Task ConfirmRetriesAsync(ReceiveRound round, CancellationToken cancellationToken)
    {
        List<ManifestEntry> changed = [.. round.Offered.Where(e => context.Retries.Contains(e.Name) && !context.Run.Consent.Covers([e]))];
        if (changed.Count > 0 && !await AskAsync(Describe(changed) with { IsRepeat = true }, changed, cancellationToken).ConfigureAwait(false))
            round.Declined = [.. changed.Select(e => e.Name)];
    }

    private async ValueTask<bool> AskAsync(TransferOffer offer, IEnumerable<ManifestEntry> entries, CancellationToken cancellationToken)
    {
        PlannedEffect[]? effects = null;
        if (context.Output is null)
        {
            (TransferPlan plan, effects) = PlanMaker.Make(context.Tree, entries);
            offer = offer with { Plan = plan };
        }

        return await context.Watch.PauseAsync(context.Run.Consent.AskAsync(offer, entries, effects, cancellationToken)).ConfigureAwait(false);
    }

    private TransferOffer Describe(IEnumerable<ManifestEntry> entries)
        => TransferOffer.Of(entries, context.Options.OutputStream is null ? context.Tree.Space.FreeBytes : null);
}
