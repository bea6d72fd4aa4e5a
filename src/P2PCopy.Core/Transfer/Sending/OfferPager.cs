using P2PCopy.Files.Source;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Sending;

/// <summary>Sends the offer of a round in pages.</summary>
internal sealed class OfferPager(int round, ControlPort control)
{
    private const int EntryOverhead = 64;

    private readonly List<OfferedEntry> _entries = [];
    private readonly List<string> _unread = [];
    private int _bytes;
    private int _page;

    /// <summary>Offers every entry of the round. An empty round is one page without entries.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="problems">Selected files that could not be read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task SendAsync(IEnumerable<SourceEntry> entries, IReadOnlyList<SourceProblem> problems, CancellationToken cancellationToken)
    {
        foreach (SourceEntry source in entries)
        {
            OfferedEntry entry = EntryCodec.Encode(source.Entry);
            await MakeRoomAsync(EntryOverhead + ((entry.Name.Length + (entry.LinkTarget?.Length ?? 0)) * 3), cancellationToken).ConfigureAwait(false);
            _entries.Add(entry);
        }

        foreach (SourceProblem problem in problems)
        {
            string name = VisibleText.Name(problem.NameForPeer); // it may be no valid Unicode
            await MakeRoomAsync(EntryOverhead + (name.Length * 3), cancellationToken).ConfigureAwait(false);
            _unread.Add(name);
        }

        await SendPageAsync(last: true, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask MakeRoomAsync(int bytes, CancellationToken cancellationToken)
    {
        if (_bytes >= ControlPort.PageBytes)
            await SendPageAsync(last: false, cancellationToken).ConfigureAwait(false);
        _bytes += bytes;
    }

    private async ValueTask SendPageAsync(bool last, CancellationToken cancellationToken)
    {
        var page = new OfferPage { Round = round, Page = _page++, Last = last, Entries = [.. _entries], Unread = [.. _unread] };
        await control.SendAsync(page, cancellationToken).ConfigureAwait(false);
        _entries.Clear();
        _unread.Clear();
        _bytes = 0;
    }
}
