using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Receiving;

/// <summary>Decides about the offered entries and sends the answers.</summary>
internal sealed class OfferAnswerer(ReceiveContext context)
{
    private readonly HashSet<string> _partialsToDrop = new(StringComparer.Ordinal); // names of the files; only filled if no partial files are to be kept

    /// <summary>At the end of the session: removes the partial files of earlier runs, if none are to be kept.</summary>
    public void DropPartials()
    {
        foreach (string name in _partialsToDrop)
            context.Tree.RemovePartial(name);
    }

    /// <summary>Decides about every entry of the round. Nothing is written or sent.</summary>
    public void Decide(ReceiveRound round)
    {
        foreach (ManifestEntry entry in round.Entries)
        {
            (DestinationDecision decision, int line) = round.Number == 0 ? DecideNew(entry) : DecideRetry(round, entry);
            round.Lines.Add(line);
            round.Decisions.Add(decision);
            round.HasBlocks.Add(decision.Kind == DecisionKind.Want && IsCompared(entry, decision));
            if (entry.Kind == EntryKind.File && context.Output is null)
            {
                if (decision.Kind == DecisionKind.Unchanged)
                    context.Tree.RemovePartial(entry.Name);
                else if (decision.Kind == DecisionKind.Want && context.Options.DiscardPartial)
                    _partialsToDrop.Add(entry.Name);
            }

            if (decision.Kind == DecisionKind.Want && entry.Kind == EntryKind.File && context.Output is null)
                context.Tree.Reserve(entry, decision);
        }

        foreach (string name in round.Unread)
            context.Report.AddFailure(name, P2PErrorCode.FileReadError, $"The sender could not read \"{name}\".");
    }

    /// <summary>Sends the answers, and settles the entries that need no transfer.</summary>
    /// <returns>How many entries count as confirmed already.</returns>
    public async Task<long> SendAsync(ReceiveRound round, CancellationToken cancellationToken)
    {
        var pages = new AnswerPager(round.Number, context.Control);
        long confirmed = 0;
        for (int i = 0; i < round.Entries.Count; i++)
        {
            DestinationDecision decision = round.Decisions[i];
            AnsweredEntry? answer = decision.Kind switch
            {
                DecisionKind.Want => round.HasBlocks[i] ? new AnsweredEntry { Index = i, Answer = Answers.Blocks } : null,
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
                    context.Meter.AddBytes(Math.Max(0, round.Entries[i].Length)); // nothing of it remains to be done
                    context.Report.Fail(round.Lines[i], decision.Code, decision.Message!);
                    break;
            }

            await pages.AddAsync(i, answer, cancellationToken).ConfigureAwait(false);
        }

        await pages.CompleteAsync(round.Entries.Count, cancellationToken).ConfigureAwait(false);
        return confirmed;
    }

    private (DestinationDecision Decision, int Line) DecideNew(ManifestEntry entry)
    {
        DestinationDecision decision = DecideAtDestination(entry);
        return (decision, context.Report.Open(entry, decision.FullPath));
    }

    /// <summary>A further round repeats files that failed, each once. Everything else was not agreed to, or has arrived.</summary>
    private (DestinationDecision Decision, int Line) DecideRetry(ReceiveRound round, ManifestEntry entry)
    {
        string name = VisibleText.Name(entry.Name);
        if (entry.Kind != EntryKind.File || !context.Retries.TryTake(entry.Name, out int line))
        {
            return (
                DestinationDecision.Refuse(P2PErrorCode.NameRefused, $"\"{name}\" was refused: a further round can only repeat a file that failed, and only once."),
                context.Report.Open(entry, null));
        }

        return round.Declined.Contains(entry.Name)
            ? (DestinationDecision.Refuse(P2PErrorCode.FileReadError, $"\"{name}\" changed while it was sent, and the receiver declined its new size."), line)
            : (DecideAtDestination(entry), line);
    }

    private DestinationDecision DecideAtDestination(ManifestEntry entry)
        => context.Output is null ? context.Tree.Decide(entry) : context.Output.Decide();

    private bool IsCompared(ManifestEntry entry, DestinationDecision decision)
        => context.Options.WholeFile != true && context.Output is null && context.Run.Questions.AreAllowed && BlockComparer.IsUseful(entry, decision);
}
