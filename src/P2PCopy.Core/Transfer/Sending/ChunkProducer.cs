using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Links;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Fills the chunks of a round from the files of its items and hands them to the session in order. Reading and digesting,
/// small files side by side, runs ahead of encoding, and encoding of sending; each stage is bounded.
/// </summary>
internal sealed class ChunkProducer(
    PeerSession session,
    ContentCursor cursor,
    int chunkSize,
    BufferPool pool,
    ChunkEncoder encoder,
    Func<ContentItem, ItemReader> open,
    Action<ItemReader> finished,
    Action<ItemReader?> current,
    Func<VoidMessage, ValueTask> announceVoid,
    Func<int, CancellationToken, ValueTask> pace)
{
    private readonly EncodedChunks _encoded = new(session, pace, ahead: Math.Max(2, Environment.ProcessorCount));

    private ItemReader? _spanning;

    /// <summary>Sends the chunks of the round, beginning with <paramref name="number"/>.</summary>
    /// <returns>The number of the next round's first chunk.</returns>
    public async Task<long> RunAsync(long number, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<long> fill = Task.Run(() => FillAllAsync(number, stop.Token), CancellationToken.None);
        try
        {
            await _encoded.SendAllAsync(stop.Token).ConfigureAwait(false);
            return await fill.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)fill).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _spanning?.Dispose();
        }
    }

    private async Task<long> FillAllAsync(long number, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                List<ContentSegment> segments = await cursor.TakeAsync(chunkSize, cancellationToken).ConfigureAwait(false);
                if (segments.Count == 0)
                {
                    _encoded.Complete();
                    return number;
                }

                byte[] buffer = pool.Rent();
                List<Task> small = FillSmall(segments, buffer);
                foreach (ContentSegment segment in segments)
                {
                    if (!segment.IsWholeItem)
                        FillSpanning(segment, Slice(buffer, segment));
                }

                int length = segments[^1].ChunkOffset + segments[^1].Length;
                long own = number++;
                await _encoded.AddAsync(EncodeAsync(own, buffer, length, segments[0].Position == 0, small), cancellationToken).ConfigureAwait(false);
                number = await SkipVoidAsync(number).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            _encoded.Complete(e);
            throw;
        }
    }

    private async Task<OutgoingChunk> EncodeAsync(long number, byte[] buffer, int length, bool startsFile, List<Task> small)
    {
        await Task.WhenAll(small).ConfigureAwait(false);
        return await Task.Run(() => encoder.Encode(number, isLast: false, buffer, length, startsFile)).ConfigureAwait(false);
    }

    private List<Task> FillSmall(List<ContentSegment> segments, byte[] buffer)
    {
        List<Task> tasks = [];
        foreach (List<ContentSegment> batch in ContentSegment.BatchWholeItems(segments))
        {
            tasks.Add(Task.Run(() =>
            {
                foreach (ContentSegment segment in batch)
                {
                    using ItemReader reader = open(segment.Item);
                    reader.Fill(Slice(buffer, segment));
                    finished(reader);
                }
            }));
        }

        return tasks;
    }

    private void FillSpanning(ContentSegment segment, Span<byte> destination)
    {
        _spanning ??= open(segment.Item);
        _spanning.Fill(destination);
        current(_spanning);
        if (!_spanning.IsFinished)
            return;
        finished(_spanning);
        _spanning.Dispose();
        _spanning = null;
        current(null);
    }

    /// <summary>After a failure, chunks that would hold nothing but filler are announced and not sent.</summary>
    private async ValueTask<long> SkipVoidAsync(long number)
    {
        if (_spanning is not { Failure: not null } failed || failed.DataLeft < chunkSize)
            return number;
        long count = failed.DataLeft / chunkSize;
        cursor.Skip(count * chunkSize);
        failed.Skip(count * chunkSize);
        session.SkipChunks(number + count);
        await announceVoid(new VoidMessage { First = number, Count = count }).ConfigureAwait(false);
        return number + count;
    }

    private static Span<byte> Slice(byte[] buffer, ContentSegment segment)
        => buffer.AsSpan(OutgoingRecord.HeaderLength + segment.ChunkOffset, segment.Length);
}
