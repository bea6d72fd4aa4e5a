using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Decides about what is offered, and answers: what is wanted, and what of it is here already.</summary>
internal sealed class OfferAnswerer(ReceiveContext context)
{
    private readonly HashSet<string> _partialsToDrop = new(StringComparer.Ordinal); // by name of the file, when none are to be kept

    /// <summary>At the end of the session: removes what earlier runs left of wanted files, where no partials are to be kept.</summary>
    public void DropPartials()
    {
        foreach (string name in _partialsToDrop)
            context.Tree.RemovePartial(name);
    }

    /// <summary>Decides about every entry of the round; nothing is written and nothing sent.</summary>
    public void Decide(ReceiveRound round)
    {
        foreach (ManifestEntry entry in round.Entries)
        {
            DestinationDecision decision = context.Output is null ? context.Tree.Decide(entry) : context.Output.Decide();
            if (!context.FailedLines.TryGetValue(entry.Name, out int line) || decision.Code == P2PErrorCode.NameRefused)
                line = context.Report.Open(entry, decision.FullPath);
            round.Lines.Add(line);
            round.Decisions.Add(decision);
            round.HasBlocks.Add(false);
            if (entry.Kind == EntryKind.File && context.Output is null)
            {
                // What an earlier run began is of no use once the file is here, or when none are to be kept.
                if (decision.Kind == DecisionKind.Unchanged)
                    context.Tree.RemovePartial(entry.Name);
                else if (decision.Kind == DecisionKind.Want && context.Options.DiscardPartial)
                    _partialsToDrop.Add(entry.Name);
            }

            if (decision.Kind == DecisionKind.Want && entry.Kind == EntryKind.File && context.Output is null)
                round.BytesNeeded += Math.Max(0, entry.Length - Math.Max(0, decision.PartialLength));
        }
    }

    /// <summary>Sends the answers, after the blocks of what is here, and settles what takes no transfer.</summary>
    /// <returns>How many entries count as confirmed already.</returns>
    public async Task<long> SendAsync(ReceiveRound round, BlockAnswers blocks, CancellationToken cancellationToken)
    {
        var pages = new AnswerPager(round.Number, context.Control, blocks);
        long confirmed = 0;
        for (int i = 0; i < round.Entries.Count; i++)
        {
            DestinationDecision decision = round.Decisions[i];
            AnsweredEntry? answer = decision.Kind switch
            {
                DecisionKind.Want => await HasBlocksAsync(round, i, blocks, cancellationToken).ConfigureAwait(false)
                    ? new AnsweredEntry { Index = i, Answer = Answers.Blocks }
                    : null,
                DecisionKind.Unchanged => new AnsweredEntry { Index = i, Answer = Answers.Unchanged },
                DecisionKind.Skip => new AnsweredEntry { Index = i, Answer = Answers.Skip, Message = context.Tree.ForPeer(decision.Message!) },
                _ => new AnsweredEntry { Index = i, Answer = Answers.Refuse, Code = decision.Code.ToString(), Message = context.Tree.ForPeer(decision.Message!) },
            };
            switch (decision.Kind)
            {
                case DecisionKind.Unchanged:
                    context.Meter.AddBytes(round.Entries[i].Length);
                    context.Report.Settle(round.Lines[i], FileStatus.Unchanged, fullName: decision.FullPath);
                    confirmed++;
                    break;
                case DecisionKind.Skip:
                    context.Meter.AddBytes(round.Entries[i].Length);
                    context.Report.Settle(round.Lines[i], FileStatus.Skipped, message: decision.Message);
                    break;
                case DecisionKind.Refuse:
                    context.Meter.AddBytes(Math.Max(0, round.Entries[i].Length)); // done with, so that what is left can be told
                    context.Report.Fail(round.Lines[i], decision.Code, decision.Message!);
                    break;
            }

            await pages.AddAsync(i, answer, cancellationToken).ConfigureAwait(false);
        }

        await pages.CompleteAsync(round.Entries.Count, cancellationToken).ConfigureAwait(false);
        return confirmed;
    }

    private async ValueTask<bool> HasBlocksAsync(ReceiveRound round, int index, BlockAnswers blocks, CancellationToken cancellationToken)
        => context.Options.WholeFile != true && context.Output is null && round.Entries[index].Kind == EntryKind.File
            && (round.HasBlocks[index] = await blocks.SendAsync(index, round.Entries[index], round.Decisions[index], cancellationToken).ConfigureAwait(false));
}
