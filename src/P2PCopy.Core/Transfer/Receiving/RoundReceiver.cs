using P2PCopy.Files.Delta;
using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;

namespace P2PCopy.Transfer.Receiving;

/// <summary>One round at the receiver: answers the offer, compares files, writes the content, and sends the results.</summary>
internal sealed class RoundReceiver : IDisposable
{
    private readonly ReceiveContext _context;
    private readonly ChunkSource _chunks;
    private readonly ReceiveRound _round;
    private readonly CancellationTokenSource _stop;
    private readonly RoundComparer _comparer;
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
        _comparer = new RoundComparer(context, round, context.Session.BlockKey(BlockDigest.KeyLength));
        _results = new ResultBatcher(round.Number, page => context.Control.SendAsync(page, _stop.Token), context.Tree.ForPeer, context.Options.TimeProvider);
    }

    private DestinationTree Tree => _context.Tree;

    /// <summary>Runs the round to its last result.</summary>
    /// <returns>How many entries were confirmed.</returns>
    public async Task<long> RunAsync(OfferAnswerer answerer)
    {
        _context.Meter.Phase = TransferPhase.Comparing;
        Tree.BeginRound();
        Tree.Space.Clear();
        answerer.Decide(_round);
        if (!_context.Options.SkipSpaceCheck && Tree.Space.Objection() is { } objection)
        {
            await _context.Session.AbortAsync(objection.Code, Tree.ForPeer(objection.Message)).ConfigureAwait(false);
            throw objection;
        }

        var cursor = new ContentCursor();
        using ChunkConsumer consumer = CreateConsumer(cursor);

        // Files are compared while answers are sent. Otherwise each side could wait for the other to read.
        Task answer = AnswerAsync(answerer);
        Task compare = CompareAsync(cursor, answer);
        Task consume = Task.Run(() => ConsumeAsync(consumer, answer), CancellationToken.None);
        await Concurrently.RunAsync(_stop, answer, compare, consume, RefuseMessagesAsync(compare, consume)).ConfigureAwait(false);

        await MakeLinksAsync().ConfigureAwait(false);
        foreach (string warning in Tree.FinishFolders())
            _context.Events.Warn(warning);
        await _results.FlushAsync(last: true).ConfigureAwait(false);
        return Interlocked.Read(ref _confirmed);
    }

    public void Dispose()
    {
        _results.Dispose();
        _comparer.Dispose();
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
            item => new ItemWriter(item, _round.Entries[(int)item.Index], items, _comparer.PrefixOf(item.Index)),
            SettleAsync,
            writer => _context.Meter.SetCurrent(
                writer is null ? null : _round.Entries[(int)writer.Item.Index].Name, writer?.Done ?? 0, writer?.Item.FileLength ?? 0));
    }

    private async Task AnswerAsync(OfferAnswerer answerer)
    {
        Interlocked.Add(ref _confirmed, await answerer.SendAsync(_round, _stop.Token).ConfigureAwait(false));
        await MakeFoldersAsync().ConfigureAwait(false);
        _context.Meter.Phase = TransferPhase.Transferring;
    }

    private async Task ConsumeAsync(ChunkConsumer consumer, Task answer)
    {
        await answer.ConfigureAwait(false);
        await consumer.RunAsync(_stop.Token).ConfigureAwait(false);
    }

    /// <summary>After the comparison, the sender has nothing to say until it has all results.</summary>
    private async Task RefuseMessagesAsync(Task compare, Task consume)
    {
        await compare.ConfigureAwait(false);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task<bool> message = _context.Messages.WaitToReadAsync(either.Token).AsTask();
        await Task.WhenAny(message, consume).ConfigureAwait(false);
        if (!consume.IsCompleted && message.IsCompletedSuccessfully && _context.Messages.TryRead(out ControlMessage? unexpected))
            throw ControlPort.Unexpected(unexpected);
        await either.CancelAsync().ConfigureAwait(false);
        await ((Task)message).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private IContentSink OpenSink(ContentItem item)
        => _context.Output is { } output
            ? output.Open(_stop.Token)
            : FileSink.Open(Tree, _round.Entries[(int)item.Index], item.Plan, _comparer.ComparedOf(item.Index));

    private async Task CompareAsync(ContentCursor cursor, Task answer)
    {
        List<int> unchanged = []; // no result is sent before everything is answered
        await _comparer.RunAsync(cursor, AdoptWhenAnsweredAsync, _stop.Token).ConfigureAwait(false);
        await answer.ConfigureAwait(false);
        await AdoptAllAsync().ConfigureAwait(false);

        ValueTask AdoptWhenAnsweredAsync(int index)
        {
            unchanged.Add(index);
            return answer.IsCompletedSuccessfully ? AdoptAllAsync() : ValueTask.CompletedTask;
        }

        async ValueTask AdoptAllAsync()
        {
            foreach (int index in unchanged)
                await AdoptAsync(index).ConfigureAwait(false);
            unchanged.Clear();
        }
    }

    /// <summary>The existing file already has the new content. It only gets the new mode and time.</summary>
    private async ValueTask AdoptAsync(int index)
    {
        ManifestEntry entry = _round.Entries[index];
        try
        {
            if (Tree.Adopt(entry, _comparer.ComparedOf(index).Existing) is { } warning)
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
