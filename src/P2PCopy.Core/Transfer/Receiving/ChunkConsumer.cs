using P2PCopy.Session.Links;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Content;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Takes the chunks of a round in order and gives their bytes to the items they belong to. Items that lie whole in one
/// chunk are written side by side, also across chunks; one that spans chunks goes on in order.
/// </summary>
internal sealed class ChunkConsumer(
    PeerSession session,
    ChunkSource source,
    ContentCursor cursor,
    int chunkSize,
    Func<ContentItem, ItemWriter> open,
    Func<ItemWriter, ValueTask> finished,
    Action<ItemWriter?> current) : IDisposable
{
    private readonly SemaphoreSlim _smallWorkers = new(Math.Max(2, Environment.ProcessorCount));
    private readonly List<Task> _chunksInWork = [];
    private ItemWriter? _spanning;

    /// <summary>Runs until the round's last byte is with its item.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A round may hold no items at all, which shows only when its plan is complete.
            while (!await cursor.WaitForEndAsync(cancellationToken).ConfigureAwait(false))
            {
                SourcedChunk chunk = await source.TakeAsync(cancellationToken).ConfigureAwait(false);
                if (chunk.Header is { } header)
                    await ConsumeAsync(chunk, header, cancellationToken).ConfigureAwait(false);
                else
                    SkipVoid(chunk.VoidCount);
            }

            await Task.WhenAll(_chunksInWork).ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(_chunksInWork).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _spanning?.Dispose();
        }
    }

    public void Dispose() => _smallWorkers.Dispose();

    private void SkipVoid(long count)
    {
        long length = count > long.MaxValue / chunkSize ? long.MaxValue : count * chunkSize;
        ContentItem item = cursor.Skip(length) ?? throw ProtocolErrors.Malformed("void chunks that do not lie inside one file");
        if (_spanning is null)
            current(_spanning = open(item));
        _spanning.Skip(length);
    }

    private async Task ConsumeAsync(SourcedChunk chunk, ChunkHeader header, CancellationToken cancellationToken)
    {
        List<Task>? small = null;
        try
        {
            List<ContentSegment> segments = await cursor.TakeAsync(chunk.Raw.Length, cancellationToken).ConfigureAwait(false);
            CheckExtent(chunk.Raw.Length, segments, header.IsLast);
            // The last chunk may be here before the plan is known to have no further item.
            if (chunk.Raw.Length != chunkSize
                && !(segments[^1].Item.IsOpenEnded ? header.IsLast : await cursor.WaitForEndAsync(cancellationToken).ConfigureAwait(false)))
                throw ProtocolErrors.Malformed("a short chunk before the end of its round");
            foreach (List<ContentSegment> batch in ContentSegment.BatchWholeItems(segments))
            {
                await _smallWorkers.WaitAsync(cancellationToken).ConfigureAwait(false);
                (small ??= []).Add(Task.Run(() => ConsumeSmallAsync(batch, chunk.Raw, cancellationToken), CancellationToken.None));
            }

            foreach (ContentSegment segment in segments)
            {
                if (!segment.IsWholeItem && TakeSpanning(segment, chunk.Raw.Slice(segment.ChunkOffset, segment.Length), header.IsLast, cancellationToken) is { } whole)
                    await FinishSpanningAsync(whole).ConfigureAwait(false);
            }
        }
        catch
        {
            if (small is not null)
                await Task.WhenAll(small).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            chunk.Dispose();
            throw;
        }

        if (small is null)
        {
            chunk.Dispose();
            session.MarkWritten(header.Number);
            return;
        }

        _chunksInWork.RemoveAll(t => t.IsCompletedSuccessfully);
        _chunksInWork.Add(CompleteAsync(small, chunk, header.Number));
    }

    private async Task CompleteAsync(List<Task> small, SourcedChunk chunk, long number)
    {
        try
        {
            await Task.WhenAll(small).ConfigureAwait(false);
            session.MarkWritten(number);
        }
        finally
        {
            chunk.Dispose();
        }
    }

    private static void CheckExtent(int length, List<ContentSegment> segments, bool isLast)
    {
        int covered = segments.Count == 0 ? 0 : segments[^1].ChunkOffset + segments[^1].Length;
        if (covered != length || length == 0)
            throw ProtocolErrors.Malformed("a chunk beyond the end of its round");
        if (isLast && !segments[^1].Item.IsOpenEnded)
            throw ProtocolErrors.Malformed("an end mark in a round whose end is known");
    }

    private async Task ConsumeSmallAsync(List<ContentSegment> batch, ReadOnlyMemory<byte> raw, CancellationToken cancellationToken)
    {
        try
        {
            foreach (ContentSegment segment in batch)
            {
                using ItemWriter writer = open(segment.Item);
                writer.Take(raw.Slice(segment.ChunkOffset, segment.Length), cancellationToken);
                await finished(writer).ConfigureAwait(false);
            }
        }
        finally
        {
            _smallWorkers.Release();
        }
    }

    /// <returns>The item's writer, when this was its last part.</returns>
    private ItemWriter? TakeSpanning(ContentSegment segment, ReadOnlyMemory<byte> bytes, bool isLast, CancellationToken cancellationToken)
    {
        if (_spanning is null)
            current(_spanning = open(segment.Item));
        _spanning.Take(bytes, cancellationToken);
        current(_spanning);
        if (segment.Item.IsOpenEnded && isLast)
        {
            _spanning.FinishOpenEnded();
            cursor.EndOpenEnded();
        }

        return _spanning.Outcome is null ? null : _spanning;
    }

    private async ValueTask FinishSpanningAsync(ItemWriter whole)
    {
        await finished(whole).ConfigureAwait(false);
        whole.Dispose();
        current(_spanning = null);
    }
}
