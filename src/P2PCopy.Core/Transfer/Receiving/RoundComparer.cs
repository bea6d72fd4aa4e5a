using P2PCopy.Files.Delta;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// Adds the wanted files of a round to its content, in order. Files of which the receiver has something are compared first
/// with the blocks that the sender lists.
/// </summary>
internal sealed class RoundComparer(ReceiveContext context, ReceiveRound round)
{
    /// <summary>
    /// Pieces of plans that wait for their content: 16 MiB. Beyond, files are sent whole. This loop must not wait for content
    /// instead: a message about the content could be behind the pages that it would leave unread.
    /// </summary>
    internal const long MostPieces = 1 << 19;

    private readonly byte[] _key = context.Session.BlockKey(BlockDigest.KeyLength);

    /// <summary>Runs to the last file of the round.</summary>
    /// <param name="unchanged">Gets a file whose existing content is the offered content.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RunAsync(Func<IncomingEntry, ValueTask> unchanged, CancellationToken cancellationToken)
    {
        foreach (IncomingEntry entry in round.Entries)
        {
            if (!entry.IsWantedFile)
                continue;
            FilePlan? plan = null;
            if (entry.HasBlocks)
            {
                plan = await CompareAsync(entry, cancellationToken).ConfigureAwait(false);
                if (plan is null)
                {
                    await unchanged(entry).ConfigureAwait(false);
                    continue;
                }
            }

            round.Content.Add(new ContentItem(entry.Index, entry.Offered.Length, plan));
        }

        round.Content.Complete();
    }

    /// <returns>Null if the existing file is the new content.</returns>
    private async Task<FilePlan?> CompareAsync(IncomingEntry entry, CancellationToken cancellationToken)
    {
        await using var comparer = new BlockComparer(context, entry, _key, cancellationToken);
        while (true)
        {
            ControlMessage message = await context.Messages.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (message is not BlocksPage page || page.Round != round.Number || page.Index != entry.Index)
                throw ControlPort.Unexpected(message);
            ValueTask<long[]> take = new(comparer.TakeAsync(page, MostPieces - round.Content.PendingPieces));
            long[] runs = await context.Watch.PauseAsync(take).ConfigureAwait(false);
            context.Watch.Touch(page.Count);
            bool isExisting = page.Last && comparer.Plan.IsExisting(entry.Decision.ExistingLength);
            if (page.Last)
            {
                entry.Compared = isExisting ? comparer.Compared with { ExistingDigest = comparer.TakeExistingDigest() } : comparer.Compared;
                entry.Prefix = await comparer.TakePrefixAsync().ConfigureAwait(false);
            }

            await context.Control.SendAsync(new FoundPage { Round = round.Number, Index = entry.Index, Runs = runs, Unchanged = isExisting }, cancellationToken)
                .ConfigureAwait(false);
            if (page.Last)
                return isExisting ? null : comparer.Plan;
        }
    }
}
