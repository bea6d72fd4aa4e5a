using P2PCopy.Primitives;

namespace P2PCopy.Transfer.Content;

/// <summary>
/// Walks through the content of a round: which bytes of which items a chunk has. Both sides compute it, so that a chunk needs
/// no header except its number. One task adds items, one takes bytes.
/// </summary>
internal sealed class ContentCursor
{
    private readonly Lock _lock = new();
    private readonly Queue<ContentItem> _items = new();
    private readonly AsyncSignal _change = new();
    private bool _completed;
    private long _pendingPieces;
    private long _itemPosition; // in the first of _items

    /// <summary>Everything of the round was taken, and nothing more will be added.</summary>
    public bool IsAtEnd
    {
        get
        {
            lock (_lock)
                return _completed && _items.Count == 0;
        }
    }

    /// <summary>Pieces of the plans of the items that were not taken to their end.</summary>
    public long PendingPieces
    {
        get
        {
            lock (_lock)
                return _pendingPieces;
        }
    }

    /// <summary>Adds the next item of the round.</summary>
    public void Add(ContentItem item)
    {
        lock (_lock)
        {
            _items.Enqueue(item);
            _pendingPieces += item.Plan?.Pieces.Count ?? 0;
        }

        _change.Set();
    }

    /// <summary>There are no further items in the round.</summary>
    public void Complete()
    {
        lock (_lock)
            _completed = true;
        _change.Set();
    }

    /// <summary>
    /// Takes the next <paramref name="length"/> bytes of the content; waits for items as needed. Returns fewer, or none, only
    /// at the end of the round.
    /// </summary>
    public async ValueTask<List<ContentSegment>> TakeAsync(int length, CancellationToken cancellationToken)
    {
        List<ContentSegment> segments = [];
        int taken = 0;
        while (true)
        {
            lock (_lock)
            {
                while (taken < length && _items.TryPeek(out ContentItem? item))
                {
                    int part = item.IsOpenEnded
                        ? length - taken
                        : (int)Math.Min(item.ContentLength - _itemPosition, length - taken);
                    segments.Add(new ContentSegment(item, _itemPosition, taken, part));
                    taken += part;
                    Advance(item, part);
                }

                if (taken == length || _completed)
                    return segments;
            }

            await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until there is something to take or the round is known to be at its end: then true.</summary>
    public async ValueTask<bool> WaitForEndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_items.Count > 0)
                    return false;
                if (_completed)
                    return true;
            }

            await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Leaves out bytes of the item in work, because they will not come.</summary>
    /// <returns>The item, or null when they are not all content of one item.</returns>
    public ContentItem? Skip(long length)
    {
        lock (_lock)
        {
            if (!_items.TryPeek(out ContentItem? item) || item.IsOpenEnded || length > item.DataLength - _itemPosition)
                return null;
            Advance(item, length);
            return item;
        }
    }

    /// <summary>Ends the item whose length was not known; the rest of the round can be taken.</summary>
    public void EndOpenEnded()
    {
        lock (_lock)
        {
            _items.Dequeue();
            _itemPosition = 0;
        }
    }

    private void Advance(ContentItem item, long length)
    {
        _itemPosition += length;
        if (!item.IsOpenEnded && _itemPosition == item.ContentLength)
        {
            _items.Dequeue();
            _pendingPieces -= item.Plan?.Pieces.Count ?? 0;
            _itemPosition = 0;
        }
    }
}
