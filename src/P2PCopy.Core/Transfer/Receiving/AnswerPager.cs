using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Sends answers in pages as they become known.</summary>
internal sealed class AnswerPager(int round, ControlPort control)
{
    private const int EntryOverhead = 48;

    private readonly List<AnsweredEntry> _entries = [];
    private int _page;
    private int _bytes;

    /// <summary>Answers the next entry. Null means that it is wanted whole.</summary>
    public async ValueTask AddAsync(long index, AnsweredEntry? answer, CancellationToken cancellationToken)
    {
        if (answer is null)
            return;
        _entries.Add(answer);
        _bytes += EntryOverhead + (answer.Message?.Length * 3 ?? 0);
        if (_bytes >= ControlPort.PageBytes)
            await FlushAsync(index + 1, last: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All <paramref name="count"/> entries are answered.</summary>
    public ValueTask CompleteAsync(long count, CancellationToken cancellationToken) => FlushAsync(count, last: true, cancellationToken);

    private ValueTask FlushAsync(long upTo, bool last, CancellationToken cancellationToken)
    {
        var page = new AnswerPage { Round = round, Page = _page++, Last = last, UpTo = upTo, Entries = [.. _entries] };
        _entries.Clear();
        _bytes = 0;
        return control.SendAsync(page, cancellationToken);
    }
}
