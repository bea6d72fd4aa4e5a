using P2PCopy.Primitives;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Takes the chunks of a round in order and gives their bytes to the items they belong to. Items that lie whole in one
/// chunk are written side by side, also across chunks; one that spans chunks goes on in order.
/// </summary>
/// <param name="context">The session.</param>
/// <param name="round">The round.</param>
/// <param name="source">The chunks.</param>
/// <param name="results">Gets every item that has ended.</param>
internal sealed class ChunkConsumer(ReceiveContext context, ReceiveRound round, ChunkSource source, RoundResults results) : IDisposable
{
    private static readonly int SmallWorkers = Math.Max(2, Environment.ProcessorCount);

    // Open files for each worker: a quarter of the limit in all, after what the process itself needs.
    private static readonly int SmallFinishing = Math.Clamp(((SystemLimit.OpenFiles() ?? int.MaxValue) - 112) / (4 * SmallWorkers), 1, 128);

    private const int LargeFinishing = 8;

    private readonly ItemContext _items = new(round.Trailers, context.Output is { } output ? output : new FileOutput(context.Tree), context.Meter)
    {
        KeepPartials = !context.Options.DiscardPartial,
        MaxOpenEnded = round.IsOpenEnded ? context.Run.Budget.LeftFor(round.Entries[0].Offered.Name) : 0,
    };

    private readonly int _chunkSize = context.Sender.ChunkSize;
    private readonly SemaphoreSlim _smallWorkers = new(SmallWorkers);
    private readonly List<Task> _chunksInWork = [];
    private readonly List<Task> _itemsFinishing = [];
    private ItemWriter? _spanning;

    /// <summary>Runs until the round's last byte is with its item.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A round may hold no items at all, which shows only when its plan is complete.
            while (!await round.Content.WaitForEndAsync(cancellationToken).ConfigureAwait(false))
            {
                SourcedChunk chunk = await source.TakeAsync(cancellationToken).ConfigureAwait(false);
                if (chunk.Header is { } header)
                    await ConsumeAsync(chunk, header, cancellationToken).ConfigureAwait(false);
                else
                    SkipVoid(chunk.VoidCount);
            }

            await Task.WhenAll([.. _chunksInWork, .. _itemsFinishing]).ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll([.. _chunksInWork, .. _itemsFinishing]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _spanning?.Dispose();
        }
    }

    public void Dispose() => _smallWorkers.Dispose();

    private void SkipVoid(long count)
    {
        long length = count > long.MaxValue / _chunkSize ? long.MaxValue : count * _chunkSize;
        ContentItem item = round.Content.Skip(length) ?? throw ProtocolErrors.Malformed("void chunks that do not lie inside one file");
        _spanning ??= Open(item);
        _spanning.Skip(length);
    }

    private async Task ConsumeAsync(SourcedChunk chunk, ChunkHeader header, CancellationToken cancellationToken)
    {
        List<Task>? small = null;
        try
        {
            List<ContentSegment> segments = await round.Content.TakeAsync(chunk.Raw.Length, cancellationToken).ConfigureAwait(false);
            CheckExtent(chunk.Raw.Length, segments, header.IsLast);

            // The last chunk may be here before the plan is known to have no further item.
            if (chunk.Raw.Length != _chunkSize
                && !(segments[^1].Item.IsOpenEnded ? header.IsLast : await round.Content.WaitForEndAsync(cancellationToken).ConfigureAwait(false)))
            {
                throw ProtocolErrors.Malformed("a short chunk before the end of its round");
            }

            foreach (List<ContentSegment> batch in ContentSegment.BatchWholeItems(segments))
            {
                await _smallWorkers.WaitAsync(cancellationToken).ConfigureAwait(false);
                (small ??= []).Add(Work.Run(() => ConsumeSmallAsync(batch, chunk.Raw, cancellationToken), CancellationToken.None));
            }

            foreach (ContentSegment segment in segments)
            {
                if (!segment.IsWholeItem)
                    await ConsumeSpanningAsync(segment, chunk.Raw.Slice(segment.ChunkOffset, segment.Length), header.IsLast, cancellationToken).ConfigureAwait(false);
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
            context.Session.MarkWritten(header.Number);
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
            context.Session.MarkWritten(number);
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
        // Files finish together, because they wait for the disk together.
        List<Task> finishing = [];
        try
        {
            foreach (ContentSegment segment in batch)
            {
                ItemWriter writer = Open(segment.Item);
                try
                {
                    await writer.TakeAsync(raw.Slice(segment.ChunkOffset, segment.Length), cancellationToken).ConfigureAwait(false);
                }
                catch
                {
                    writer.Dispose();
                    throw;
                }

                if (finishing.Count == SmallFinishing)
                {
                    await Task.WhenAll(finishing).ConfigureAwait(false);
                    finishing.Clear();
                }

                finishing.Add(FinishAsync(writer, cancellationToken));
            }

            await Task.WhenAll(finishing).ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(finishing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _smallWorkers.Release();
        }
    }

    private async Task FinishAsync(ItemWriter writer, CancellationToken cancellationToken)
    {
        using (writer)
        using (context.Watch.Pause())
        {
            await writer.FinishAsync(cancellationToken).ConfigureAwait(false);
            await results.SettleAsync(writer).ConfigureAwait(false);
        }
    }

    private async ValueTask ConsumeSpanningAsync(ContentSegment segment, ReadOnlyMemory<byte> bytes, bool isLast, CancellationToken cancellationToken)
    {
        ItemWriter writer = _spanning ??= Open(segment.Item);
        await writer.TakeAsync(bytes, cancellationToken).ConfigureAwait(false);
        context.Meter.SetCurrent(round.EntryOf(segment.Item).Offered.Name, writer.Done, segment.Item.FileLength);
        if (segment.Item.IsOpenEnded && isLast)
        {
            await writer.FinishOpenEndedAsync(cancellationToken).ConfigureAwait(false);
            round.Content.EndOpenEnded();
        }

        if (!writer.IsWhole && writer.Outcome is null)
            return;
        _spanning = null;
        context.Meter.ClearCurrent();
        if (writer.IsWhole)
        {
            await BeginFinishAsync(writer, cancellationToken).ConfigureAwait(false);
            return;
        }

        using (writer)
            await results.SettleAsync(writer).ConfigureAwait(false);
    }

    // The next file need not wait until the disk has this one.
    private async ValueTask BeginFinishAsync(ItemWriter writer, CancellationToken cancellationToken)
    {
        if (_itemsFinishing.Count == LargeFinishing)
            await Task.WhenAny(_itemsFinishing).ConfigureAwait(false);
        foreach (Task finished in _itemsFinishing.FindAll(task => task.IsCompleted))
        {
            _itemsFinishing.Remove(finished);
            await finished.ConfigureAwait(false);
        }

        _itemsFinishing.Add(FinishAsync(writer, cancellationToken));
    }

    private ItemWriter Open(ContentItem item) => new(item, round.EntryOf(item), _items);
}
