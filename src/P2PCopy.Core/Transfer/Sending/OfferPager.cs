using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Sending;

/// <summary>Sends what a round offers in pages.</summary>
internal static class OfferPager
{
    private const int EntryOverhead = 64;

    /// <summary>Offers every entry of the round; an empty round is one page without entries.</summary>
    public static async Task SendAsync(SendRound round, ControlPort control, CancellationToken cancellationToken)
    {
        List<OfferedEntry> entries = [];
        int bytes = 0;
        int page = 0;
        for (int i = 0; i < round.Entries.Count; i++)
        {
            OfferedEntry entry = EntryCodec.Encode(round.Entries[i].Entry);
            entries.Add(entry);
            bytes += EntryOverhead + (entry.Name.Length * 3) + ((entry.LinkTarget?.Length ?? 0) * 3);
            if (bytes < ControlPort.PageBytes && i + 1 < round.Entries.Count)
                continue;
            await SendPageAsync(i + 1 == round.Entries.Count).ConfigureAwait(false);
            bytes = 0;
        }

        if (page == 0)
            await SendPageAsync(last: true).ConfigureAwait(false);

        async ValueTask SendPageAsync(bool last)
        {
            await control.SendAsync(new OfferPage { Round = round.Number, Page = page++, Last = last, Entries = [.. entries] }, cancellationToken)
                .ConfigureAwait(false);
            entries.Clear();
        }
    }
}
