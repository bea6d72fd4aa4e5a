using P2PCopy.Files;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Wire;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Decides about what is offered, and answers: what is wanted, and what of it is here already.</summary>
/// <param name="options">The receiver's options.</param>
/// <param name="tree">The destination.</param>
/// <param name="output">Takes the one file of the offer instead of the destination, or null.</param>
/// <param name="report">Where entries get their lines.</param>
/// <param name="failedLines">Lines of entries that failed in an earlier round, by name: they keep them.</param>
/// <param name="meter">The progress.</param>
/// <param name="control">The way to the sender.</param>
internal sealed class OfferAnswerer(
    ReceiveOptions options, DestinationTree tree, StreamOutput? output, ReportBook report, IReadOnlyDictionary<string, int> failedLines, TransferMeter meter, ControlPort control)
{
    private readonly HashSet<string> _partialsToDrop = new(StringComparer.Ordinal); // by name of the file, when none are to be kept

    /// <summary>At the end of the session: removes what earlier runs left of wanted files, where no partials are to be kept.</summary>
    public void DropPartials()
    {
        foreach (string name in _partialsToDrop)
            tree.RemovePartial(name);
    }

    /// <summary>Decides about every entry of the round; nothing is written and nothing sent.</summary>
    public void Decide(ReceiveRound round)
    {
        foreach (ManifestEntry entry in round.Entries)
        {
            DestinationDecision decision = output is null ? tree.Decide(entry) : output.Decide();
            if (!failedLines.TryGetValue(entry.Name, out int line) || decision.Code == P2PErrorCode.NameRefused)
                line = report.Open(entry, decision.FullPath);
            round.Lines.Add(line);
            round.Decisions.Add(decision);
            round.HasBlocks.Add(false);
            if (entry.Kind == EntryKind.File && output is null)
            {
                // What an earlier run began is of no use once the file is here, or when none are to be kept.
                if (decision.Kind == DecisionKind.Unchanged)
                    tree.RemovePartial(entry.Name);
                else if (decision.Kind == DecisionKind.Want && options.DiscardPartial)
                    _partialsToDrop.Add(entry.Name);
            }

            if (decision.Kind == DecisionKind.Want && entry.Kind == EntryKind.File && output is null)
                round.BytesNeeded += Math.Max(0, entry.Length - Math.Max(0, decision.PartialLength));
        }
    }

    /// <summary>Sends the answers, after the blocks of what is here, and settles what takes no transfer.</summary>
    /// <returns>How many entries count as confirmed already.</returns>
    public async Task<long> SendAsync(ReceiveRound round, BlockAnswers blocks, CancellationToken cancellationToken)
    {
        var pages = new AnswerPager(round.Number, control, blocks);
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
                DecisionKind.Skip => new AnsweredEntry { Index = i, Answer = Answers.Skip, Message = tree.ForPeer(decision.Message!) },
                _ => new AnsweredEntry { Index = i, Answer = Answers.Refuse, Code = decision.Code.ToString(), Message = tree.ForPeer(decision.Message!) },
            };
            switch (decision.Kind)
            {
                case DecisionKind.Unchanged:
                    meter.AddBytes(round.Entries[i].Length);
                    report.Settle(round.Lines[i], FileStatus.Unchanged, fullName: decision.FullPath);
                    confirmed++;
                    break;
                case DecisionKind.Skip:
                    meter.AddBytes(round.Entries[i].Length);
                    report.Settle(round.Lines[i], FileStatus.Skipped, message: decision.Message);
                    break;
                case DecisionKind.Refuse:
                    meter.AddBytes(Math.Max(0, round.Entries[i].Length)); // done with, so that what is left can be told
                    report.Fail(round.Lines[i], decision.Code, decision.Message!);
                    break;
            }

            await pages.AddAsync(i, answer, cancellationToken).ConfigureAwait(false);
        }

        await pages.CompleteAsync(round.Entries.Count, cancellationToken).ConfigureAwait(false);
        return confirmed;
    }

    private async ValueTask<bool> HasBlocksAsync(ReceiveRound round, int index, BlockAnswers blocks, CancellationToken cancellationToken)
        => options.WholeFile != true && output is null && round.Entries[index].Kind == EntryKind.File
            && (round.HasBlocks[index] = await blocks.SendAsync(index, round.Entries[index], round.Decisions[index], cancellationToken).ConfigureAwait(false));
}
