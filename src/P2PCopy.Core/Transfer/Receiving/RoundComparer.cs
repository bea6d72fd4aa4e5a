using P2PCopy.Files.Delta;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Adds the wanted files of a round to its content, in order. Files of which the receiver has something are compared first
/// with the blocks that the sender lists.
/// </summary>
internal sealed class RoundComparer(ReceiveContext context, ReceiveRound round, byte[] key) : IDisposable
{
    /// <summary>
    /// Pieces of plans that wait for their content: 16 MiB. Beyond, files are sent whole. This loop must not wait for content
    /// instead: a message about the content could be behind the pages that it would leave unread.
    /// </summary>
    internal const long MostPieces = 1 << 19;

    private readonly Dictionary<long, PrefixDigest> _prefixes = [];
    private readonly Dictionary<long, ComparedFiles> _compared = [];

    /// <summary>The digest of the beginning of an entry's file, if there is one.</summary>
    public PrefixDigest? PrefixOf(long index)
    {
        lock (_prefixes)
            return _prefixes.GetValueOrDefault(index);
    }

    /// <summary>The files that an entry was compared with, as they were then.</summary>
    public ComparedFiles ComparedOf(long index)
    {
        lock (_compared)
            return _compared.GetValueOrDefault(index);
    }

    /// <summary>Runs to the last file of the round.</summary>
    /// <param name="cursor">The content of the round.</param>
    /// <param name="unchanged">Gets a file whose existing content is the offered content.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RunAsync(ContentCursor cursor, Func<int, ValueTask> unchanged, CancellationToken cancellationToken)
    {
        for (int i = 0; i < round.Entries.Count; i++)
        {
            if (!round.IsWantedFile(i))
                continue;
            FilePlan? plan = null;
            if (round.HasBlocks[i])
            {
                plan = await CompareAsync(i, cursor, cancellationToken).ConfigureAwait(false);
                if (plan is null)
                {
                    await unchanged(i).ConfigureAwait(false);
                    continue;
                }
            }

            cursor.Add(new ContentItem(i, round.Entries[i].Length, plan));
        }

        cursor.Complete();
    }

    public void Dispose()
    {
        foreach (PrefixDigest prefix in _prefixes.Values)
            prefix.Dispose();
    }

    /// <returns>Null if the existing file is the new content.</returns>
    private async Task<FilePlan?> CompareAsync(int index, ContentCursor cursor, CancellationToken cancellationToken)
    {
        await using var comparer = new BlockComparer(
            context.Tree, round.Entries[index], round.Decisions[index], key, context.Sender.Hash, context.Run.Questions, context.Meter, cancellationToken);
        while (true)
        {
            ControlMessage message = await context.Messages.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (message is not BlocksPage page || page.Round != round.Number || page.Index != index)
                throw ControlPort.Unexpected(message);
            ValueTask<long[]> take = new(comparer.TakeAsync(page, MostPieces - cursor.PendingPieces));
            long[] runs = await context.Watch.PauseAsync(take).ConfigureAwait(false);
            bool isExisting = page.Last && comparer.Plan.IsExisting(round.Decisions[index].ExistingLength);
            if (page.Last)
                await RememberAsync(index, comparer).ConfigureAwait(false);
            await context.Control.SendAsync(new FoundPage { Round = round.Number, Index = index, Runs = runs, Unchanged = isExisting }, cancellationToken)
                .ConfigureAwait(false);
            if (page.Last)
                return isExisting ? null : comparer.Plan;
        }
    }

    private async Task RememberAsync(int index, BlockComparer comparer)
    {
        lock (_compared)
            _compared[index] = comparer.Compared;
        if (await comparer.TakePrefixAsync().ConfigureAwait(false) is not { } prefix)
            return;
        lock (_prefixes)
            _prefixes[index] = prefix;
    }
}
