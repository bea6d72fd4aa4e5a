using P2PCopy.Files.Source;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// Fills the chunks of a round from the files of its items and hands them to the session in order. Reading and hashing,
/// of small files in parallel, runs ahead of encoding, and encoding ahead of sending; each stage is limited.
/// </summary>
/// <param name="context">The session.</param>
/// <param name="round">The round.</param>
internal sealed class ChunkProducer(SendContext context, SendRound round)
{
    private readonly EncodedChunks _encoded = new(context, ahead: Math.Max(2, Environment.ProcessorCount));
    private readonly int _chunkSize = context.Options.ChunkSize;
    private ItemReader? _spanning;

    /// <summary>Sends the chunks of the round, beginning with <paramref name="number"/>.</summary>
    /// <returns>The number of the next round's first chunk.</returns>
    public async Task<long> RunAsync(long number, CancellationToken cancellationToken)
    {
        try
        {
            return await _encoded.SendAllAsync(stop => FillAllAsync(number, stop), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _spanning?.Dispose();
        }
    }

    private async Task<long> FillAllAsync(long number, CancellationToken cancellationToken)
    {
        while (true)
        {
            List<ContentSegment> segments = await round.Content.TakeAsync(_chunkSize, cancellationToken).ConfigureAwait(false);
            if (segments.Count == 0)
                return number;
            byte[] buffer = context.Pool.Rent();
            List<Task> small = FillSmall(segments, buffer);
            foreach (ContentSegment segment in segments)
            {
                if (!segment.IsWholeItem)
                    FillSpanning(segment, Slice(buffer, segment));
            }

            var chunk = new RawChunk(number++, buffer, segments[^1].ChunkOffset + segments[^1].Length) { StartsFile = segments[0].Position == 0 };
            await _encoded.AddAsync(chunk, Task.WhenAll(small), cancellationToken).ConfigureAwait(false);
            number = await SkipVoidAsync(number, cancellationToken).ConfigureAwait(false);
        }
    }

    private List<Task> FillSmall(List<ContentSegment> segments, byte[] buffer)
    {
        List<Task> tasks = [];
        foreach (List<ContentSegment> batch in ContentSegment.BatchWholeItems(segments))
        {
            tasks.Add(Work.Run(() =>
            {
                using var folder = new LatestFolder();
                foreach (ContentSegment segment in batch)
                {
                    using ItemReader reader = round.Open(segment.Item, folder);
                    reader.Fill(Slice(buffer, segment));
                    round.SetRead(reader);
                }
            }));
        }

        return tasks;
    }

    private void FillSpanning(ContentSegment segment, Span<byte> destination)
    {
        _spanning ??= round.Open(segment.Item);
        _spanning.Fill(destination);
        if (!_spanning.IsFinished)
        {
            context.Meter.SetCurrent(round.Offered((int)segment.Item.Index).Name, _spanning.Done, segment.Item.DataLength);
            return;
        }

        round.SetRead(_spanning);
        _spanning.Dispose();
        _spanning = null;
        context.Meter.ClearCurrent();
    }

    /// <summary>After a failure, chunks that would contain only zeros are announced as void and not sent.</summary>
    private async ValueTask<long> SkipVoidAsync(long number, CancellationToken cancellationToken)
    {
        if (_spanning is not { Failure: not null } failed || failed.DataLeft < _chunkSize)
            return number;
        long count = failed.DataLeft / _chunkSize;
        round.Content.Skip(count * _chunkSize);
        failed.Skip(count * _chunkSize);
        context.Session.SkipChunks(number + count);
        await context.Control.SendAsync(new VoidMessage { First = number, Count = count }, cancellationToken).ConfigureAwait(false);
        return number + count;
    }

    private static Span<byte> Slice(byte[] buffer, ContentSegment segment)
        => buffer.AsSpan(OutgoingRecord.HeaderLength + segment.ChunkOffset, segment.Length);
}
