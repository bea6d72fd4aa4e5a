using System.Globalization;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Writing;

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

    /// <summary>Decides about every entry of the round, and asks about files that would be replaced. Nothing is written or sent.</summary>
    public async ValueTask DecideAsync(ReceiveRound round, CancellationToken cancellationToken)
    {
        foreach (IncomingEntry entry in round.Entries)
        {
            ManifestEntry offered = entry.Offered;
            (entry.Decision, entry.Line) = round.Number == 0 ? DecideNew(offered) : DecideRetry(round, offered);
            if (context.Run.Conflicts.Needs(offered, entry.Decision)
                && !await context.Run.Conflicts.AskAsync(offered, entry.Decision, cancellationToken).ConfigureAwait(false))
            {
                entry.Decision = DestinationDecision.Keep(entry.Decision.FullPath!);
            }

            if (context.Output is null && offered.Kind == EntryKind.File)
                PrepareFile(entry);
        }

        if (context.Options.Durable == true)
            FlushUnchanged(round);
        if (context.Options is { OnConflict: null, ConfirmOffer: null })
            WarnOfNewer(round);
        foreach (string name in round.Unread)
            context.Report.AddFailure(name, P2PErrorCode.FileReadError, $"The sender could not read \"{name}\".");
    }

    /// <summary>Sends the answers, and settles the entries that need no transfer.</summary>
    /// <returns>How many entries count as confirmed already.</returns>
    public async Task<long> SendAsync(ReceiveRound round, CancellationToken cancellationToken)
    {
        var pages = new AnswerPager(round.Number, context.Control);
        long confirmed = 0;
        foreach (IncomingEntry entry in round.Entries)
        {
            confirmed += Settle(entry) ? 1 : 0;
            await pages.AddAsync(entry.Index, AnswerTo(entry), cancellationToken).ConfigureAwait(false);
        }

        await pages.CompleteAsync(round.Entries.Count, cancellationToken).ConfigureAwait(false);
        return confirmed;
    }

    private void WarnOfNewer(ReceiveRound round)
    {
        List<IncomingEntry> newer = [.. round.Entries.Where(e => e.Decision is { Kind: DecisionKind.Want, IsNewerHere: true })];
        if (newer.Count == 0)
            return;
        string name = VisibleText.Name(newer[0].Offered.Name);
        context.Events.Warn(
            newer.Count == 1
                ? $"\"{name}\" is newer here and is replaced by an older file."
                : string.Create(CultureInfo.InvariantCulture, $"{newer.Count:N0} files that are newer here are replaced by older ones, \"{name}\" among them."),
            "To keep what is newer here, use `OnConflict newer`; `OnConflict update` replaces it without this warning.");
    }

    // The answer says that the receiver has them, and an earlier run may have ended before they were on the disk.
    private void FlushUnchanged(ReceiveRound round)
    {
        List<IncomingEntry> unchanged = [.. round.Entries.Where(entry => entry.Decision.Kind == DecisionKind.Unchanged)];
        IReadOnlyDictionary<string, P2PException> failures = context.Tree.Names.FlushExisting([.. unchanged.Select(entry => entry.Offered)]);
        foreach (IncomingEntry entry in unchanged)
        {
            if (failures.TryGetValue(entry.Offered.Name, out P2PException? failure))
                entry.Decision = DestinationDecision.Refuse(failure);
        }
    }

    private void PrepareFile(IncomingEntry entry)
    {
        (ManifestEntry offered, DestinationDecision decision) = (entry.Offered, entry.Decision);

        // Whatever an earlier run left of it is of no use, because the existing file stays.
        if (decision.Kind is DecisionKind.Unchanged or DecisionKind.Skip)
            context.Tree.RemovePartial(offered.Name);
        if (decision.Kind != DecisionKind.Want)
            return;
        if (context.Options.DiscardPartial)
            _partialsToDrop.Add(offered.Name);
        context.Tree.Reserve(offered, decision);
        entry.HasBlocks = context.Options.WholeFile != true && context.Run.Questions.AreAllowed && BlockComparer.IsUseful(offered, decision);
    }

    /// <summary>The answer; null for an entry that is wanted whole.</summary>
    private AnsweredEntry? AnswerTo(IncomingEntry entry)
    {
        DestinationDecision decision = entry.Decision;
        return decision.Kind switch
        {
            DecisionKind.Want => entry.HasBlocks ? new AnsweredEntry { Index = entry.Index, Answer = Answers.Blocks } : null,
            DecisionKind.Unchanged => new AnsweredEntry { Index = entry.Index, Answer = Answers.Unchanged },
            DecisionKind.Skip => new AnsweredEntry { Index = entry.Index, Answer = Answers.Skip, Message = context.Tree.ForPeer(decision.Message!) },
            _ => new AnsweredEntry { Index = entry.Index, Answer = Answers.Refuse, Code = decision.Code.ToString(), Message = context.Tree.ForPeer(decision.Message!) },
        };
    }

    /// <summary>Settles an entry that needs no transfer.</summary>
    /// <returns>True if it counts as confirmed.</returns>
    private bool Settle(IncomingEntry entry)
    {
        DestinationDecision decision = entry.Decision;
        if (decision.Kind == DecisionKind.Want)
            return false;
        context.Meter.AddLeft(Math.Max(0, entry.Offered.Length)); // nothing of it remains to be done
        switch (decision.Kind)
        {
            case DecisionKind.Unchanged:
                context.Report.Settle(entry.Line, FileStatus.Unchanged, fullName: decision.FullPath);
                return true;
            case DecisionKind.Skip:
                context.Report.Settle(entry.Line, FileStatus.Skipped, message: decision.Message);
                return false;
            default:
                context.Report.Fail(entry.Line, decision.Code, decision.Message!, decision.Hint);
                return false;
        }
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
            ? (DestinationDecision.Refuse(P2PErrorCode.FileReadError, $"\"{name}\" changed while it was sent, and the receiver declined it."), line)
            : (DecideAtDestination(entry), line);
    }

    private DestinationDecision DecideAtDestination(ManifestEntry entry)
        => context.Output is null ? context.Tree.Decide(entry) : context.Output.Decide();
}
