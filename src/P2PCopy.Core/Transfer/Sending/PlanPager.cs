using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// States the plan of a round in pages: one for what an answer page wanted, or several, since a few files with many ranges
/// fill one.
/// </summary>
internal sealed class PlanPager(int round, Func<PlanPage, ValueTask> send)
{
    private const int EntryOverhead = 64;
    private const int NumberBytes = 20; // the longest, and its comma

    private readonly List<PlannedEntry> _items = [];
    private int _page;
    private int _bytes;

    /// <summary>Adds the next item, and sends the page when it is full.</summary>
    public ValueTask AddAsync(PlannedEntry item)
    {
        _items.Add(item);
        _bytes += EntryOverhead + (NumberBytes * ((item.Keep?.Length ?? 0) + (item.Copy?.Length ?? 0) + (item.Send?.Length ?? 0)));
        return _bytes < ControlPort.PageBytes ? ValueTask.CompletedTask : FlushAsync(item.Index + 1, last: false);
    }

    /// <summary>Sends what is left of the items below <paramref name="upTo"/>.</summary>
    public ValueTask FlushAsync(long upTo, bool last)
    {
        var page = new PlanPage { Round = round, Page = _page++, Last = last, UpTo = upTo, Items = [.. _items] };
        _items.Clear();
        _bytes = 0;
        return send(page);
    }
}
