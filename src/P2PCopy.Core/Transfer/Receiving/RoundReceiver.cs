using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Receiving;

/// <summary>One round at the receiver: answers the offer, reads the plan, writes the content, and reports the results.</summary>
internal sealed class RoundReceiver : IDisposable
{
    private readonly ReceiveContext _context;
    private readonly ChunkSource _chunks;
    private readonly ReceiveRound _round;
    private readonly CancellationTokenSource _stop;
    private readonly BlockAnswers _blocks;
    private readonly ResultBatcher _results;
    private long _confirmed;

    /// <param name="context">The session.</param>
    /// <param name="chunks">The source of the content.</param>
    /// <param name="round">The complete offer.</param>
    /// <param name="cancellationToken">Ends the round.</param>
    public RoundReceiver(ReceiveContext context, ChunkSource chunks, ReceiveRound round, CancellationToken cancellationToken)
    {
        _context = context;
        _chunks = chunks;
        _round = round;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _blocks = new BlockAnswers(round.Number, context.Control, context.Session.BlockKey(BlockDigest.KeyLength), context.Sender.Hash, context.Meter);
        _results = new ResultBatcher(round.Number, page => context.Control.SendAsync(page, _stop.Token), context.Tree.ForPeer, context.Options.TimeProvider);
    }

    private DestinationTree Tree => _context.Tree;

    /// <summary>Runs the round to its last result.</summary>
    /// <returns>How many entries were confirmed.</returns>
    public async Task<long> RunAsync(OfferAnswerer answerer)
    {
        _context.Meter.Phase = TransferPhase.Comparing;
        Tree.BeginRound();
        answerer.Decide(_round);
        if (Tree.Space.Objection(_round.BytesNeeded) is { } objection)
        {
            await _context.Session.AbortAsync(objection.Code, Tree.ForPeer(objection.Message)).ConfigureAwait(false);
            throw objection;
        }

        var cursor = new ContentCursor();
        using ChunkConsumer consumer = CreateConsumer(cursor);

        // The plan is read while answers are sent. Otherwise each side could wait for the other, once its outbox is full.
        Task answer = AnswerAsync(answerer);
        Task plan = TakePlanAsync(cursor, answer);
        Task consume = Task.Run(() => ConsumeAsync(consumer, answer), CancellationToken.None);
        await Concurrently.RunAsync(_stop, answer, plan, consume).ConfigureAwait(false);

        await MakeLinksAsync().ConfigureAwait(false);
        foreach (string warning in Tree.FinishFolders())
            _context.Events.Warn(warning);
        await _results.FlushAsync(last: true).ConfigureAwait(false);
        return Interlocked.Read(ref _confirmed);
    }

    public void Dispose()
    {
        _results.Dispose();
        _blocks.Dispose();
        _stop.Dispose();
    }

    private ChunkConsumer CreateConsumer(ContentCursor cursor)
    {
        var items = new ItemContext(
            _round.Number, _context.Sender.Hash, !_context.Options.DiscardPartial, _context.Session.TrailerKey, _context.Meter, OpenSink)
        {
            MaxOpenEnded = _round.IsOpenEnded ? _context.Run.Budget.LeftFor(_round.Entries[0].Name) : 0,
        };
        return new ChunkConsumer(
            _context.Session,
            _chunks,
            cursor,
            _context.Sender.ChunkSize,
            item => new ItemWriter(item, _round.Entries[(int)item.Index], items, _blocks.PrefixOf(item.Index)),
            SettleAsync,
            writer => _context.Meter.SetCurrent(
                writer is null ? null : _round.Entries[(int)writer.Item.Index].Name, writer?.Done ?? 0, writer?.Item.FileLength ?? 0));
    }

    private async Task AnswerAsync(OfferAnswerer answerer)
    {
        Interlocked.Add(ref _confirmed, await answerer.SendAsync(_round, _blocks, _stop.Token).ConfigureAwait(false));
        await MakeFoldersAsync().ConfigureAwait(false);
        _context.Meter.Phase = TransferPhase.Transferring;
    }

    private async Task ConsumeAsync(ChunkConsumer consumer, Task answer)
    {
        await answer.ConfigureAwait(false);
        await consumer.RunAsync(_stop.Token).ConfigureAwait(false);
    }

    private IContentSink OpenSink(ContentItem item)
        => _context.Output is { } output
            ? output.Open(_stop.Token)
            : FileSink.Open(Tree, _round.Entries[(int)item.Index], item.Plan, _blocks.ComparedOf(item.Index));

    private async Task TakePlanAsync(ContentCursor cursor, Task answer)
    {
        List<int> unchanged = []; // nothing is written or reported before everything is answered
        long planned = 0;
        for (int page = 0; ; page++)
        {
            ControlMessage message = await _context.Messages.ReadAsync(_stop.Token).ConfigureAwait(false);
            if (message is not PlanPage plan || plan.Round != _round.Number || plan.Page != page
                || plan.UpTo < planned || plan.UpTo > _round.Entries.Count || (plan.Last && plan.UpTo != _round.Entries.Count))
            {
                throw ControlPort.Unexpected(message);
            }

            if (plan.UpTo > planned || plan.Last)
                _context.Watch.Touch();
            int next = 0;
            for (; planned < plan.UpTo; planned++)
            {
                PlannedEntry? item = next < plan.Items.Length && plan.Items[next].Index == planned ? plan.Items[next++] : null;
                if (!_round.IsWantedFile((int)planned))
                    continue;
                if (item is { Unchanged: true })
                    unchanged.Add((int)planned);
                else
                    cursor.Add(new ContentItem(planned, _round.Entries[(int)planned].Length, item is null ? null : CheckPlan(item)));
            }

            if (next != plan.Items.Length)
                throw ProtocolErrors.Malformed("a plan for an entry that is not there");
            if (plan.Last)
                await answer.ConfigureAwait(false);
            if (answer.IsCompletedSuccessfully)
            {
                foreach (int index in unchanged)
                    await AdoptAsync(index).ConfigureAwait(false);
                unchanged.Clear();
            }

            if (plan.Last)
            {
                cursor.Complete();
                return;
            }
        }
    }

    private FilePlan CheckPlan(PlannedEntry item)
    {
        DestinationDecision decision = _round.Decisions[(int)item.Index];
        bool told = _round.HasBlocks[(int)item.Index];
        return FilePlan.Of(PlanCodec.Decode(
            item, _round.Entries[(int)item.Index].Length, told ? decision.PartialLength : 0, told ? decision.ExistingLength : 0));
    }

    /// <summary>The existing file already has the new content. It only gets the new mode and time.</summary>
    private async ValueTask AdoptAsync(int index)
    {
        ManifestEntry entry = _round.Entries[index];
        if (!_round.HasBlocks[index] || _round.Decisions[index].ExistingLength != entry.Length)
            throw ProtocolErrors.Malformed("a plan that calls a file unchanged of which nothing is here");
        try
        {
            if (Tree.Adopt(entry, _blocks.ComparedOf(index).Existing) is { } warning)
                _context.Events.Warn(warning);
            Tree.RemovePartial(entry.Name);
            _context.Meter.AddBytes(entry.Length);
            _context.Report.Settle(_round.Lines[index], FileStatus.Unchanged, fullName: _round.Decisions[index].FullPath);
            Interlocked.Increment(ref _confirmed);
            await _results.AddGoodAsync(index).ConfigureAwait(false);
        }
        catch (P2PException e)
        {
            await FailFileAsync(index, e).ConfigureAwait(false);
        }
    }

    private async ValueTask SettleAsync(ItemWriter writer)
    {
        ItemOutcome outcome = writer.Outcome!;
        if (writer.Item.IsOpenEnded)
            _round.OpenEndedLength = outcome.Length;
        if (outcome.Failure is { } failure)
        {
            await FailFileAsync((int)writer.Item.Index, failure).ConfigureAwait(false);
            return;
        }

        await SettleWrittenAsync(_round.Lines[(int)writer.Item.Index], writer.Item.Index, outcome.Written!.Value, outcome.Length, outcome.Digest).ConfigureAwait(false);
    }

    /// <summary>Fails a file. If the sender may offer it once more, the failure is not reported until the transfer ends.</summary>
    private ValueTask FailFileAsync(int index, P2PException failure)
    {
        int line = _round.Lines[index];
        bool mayRetry = failure.Code is P2PErrorCode.FileReadError or P2PErrorCode.IntegrityCheckFailed
            && _context.Retries.Add(_round.Entries[index].Name, line);
        if (mayRetry)
            _context.Report.FailForNow(line, failure.Code, failure.Message);
        else
            _context.Report.Fail(line, failure.Code, failure.Message);
        return _results.AddFailedAsync(index, failure.Code, failure.Message);
    }

    /// <summary>Reports to this side and to the sender what is now at the destination.</summary>
    private ValueTask SettleWrittenAsync(int line, long index, CommitResult written, long? length = null, byte[]? digest = null)
    {
        if (written.Warning is { } warning)
            _context.Events.Warn(warning);
        if (written.WasSkipped)
        {
            _context.Report.Settle(
                line, FileStatus.Skipped, fullName: written.FullPath, message: $"\"{VisibleText.Name(written.FullPath)}\" was left as it is: it appeared during the transfer.");
            return _results.AddSkippedAsync(index);
        }

        _context.Report.Settle(line, FileStatus.Copied, length, digest, written.FullPath);
        Interlocked.Increment(ref _confirmed);
        return _results.AddGoodAsync(index);
    }

    private async Task MakeFoldersAsync()
    {
        for (int i = 0; i < _round.Entries.Count; i++)
        {
            ManifestEntry entry = _round.Entries[i];
            if (entry.Kind != EntryKind.Folder || _round.Decisions[i].Kind is not (DecisionKind.Want or DecisionKind.Unchanged))
                continue;
            await TryAsync(i, () =>
            {
                Tree.CreateFolder(entry);
                return new CommitResult(Tree.PathOf(entry.Name));
            }).ConfigureAwait(false);
        }
    }

    private async Task MakeLinksAsync()
    {
        for (int i = 0; i < _round.Entries.Count; i++)
        {
            ManifestEntry entry = _round.Entries[i];
            if (entry.Kind == EntryKind.Link && _round.Decisions[i].Kind == DecisionKind.Want)
                await TryAsync(i, () => Tree.CreateLink(entry)).ConfigureAwait(false);
        }
    }

    private async ValueTask TryAsync(int index, Func<CommitResult> make)
    {
        bool isWanted = _round.Decisions[index].Kind == DecisionKind.Want;
        try
        {
            CommitResult made = make();
            if (isWanted)
                await SettleWrittenAsync(_round.Lines[index], index, made).ConfigureAwait(false);
        }
        catch (P2PException e) when (isWanted)
        {
            _context.Report.Fail(_round.Lines[index], e.Code, e.Message);
            await _results.AddFailedAsync(index, e.Code, e.Message).ConfigureAwait(false);
        }
        catch (P2PException e)
        {
            // A folder that was there already: both sides report it as unchanged, and the files that it lacks fail.
            _context.Events.Warn(e.Message);
        }
    }
}
