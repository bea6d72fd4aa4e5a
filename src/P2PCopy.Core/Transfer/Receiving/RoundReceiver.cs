using P2PCopy.Files.Destination;
using P2PCopy.Files.Names;
using P2PCopy.Primitives;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Transfer.Receiving;

/// <summary>One round at the receiver: answers the offer, compares files, writes the content, and sends the results.</summary>
internal sealed class RoundReceiver : IDisposable
{
    private readonly ReceiveContext _context;
    private readonly ChunkSource _chunks;
    private readonly ReceiveRound _round;
    private readonly CancellationTokenSource _stop;
    private readonly RoundResults _results;

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
        _results = new RoundResults(context, round, _stop.Token);
    }

    private DestinationTree Tree => _context.Tree;

    /// <summary>Runs the round to its last result.</summary>
    /// <returns>The number of confirmed entries.</returns>
    public async Task<long> RunAsync(OfferAnswerer answerer)
    {
        _context.Meter.Phase = TransferPhase.Comparing;
        Tree.BeginRound();
        Tree.Space.Clear();
        using (_context.Watch.Pause())
            await answerer.DecideAsync(_round, _stop.Token).ConfigureAwait(false);

        // The time of the user's answers is not the time of the transfer.
        _context.Meter.Begin();
        if (!_context.Options.SkipSpaceCheck && Tree.Space.Objection() is { } objection)
        {
            await _context.Session.AbortAsync(objection.Code, Tree.ForPeer(objection.Message)).ConfigureAwait(false);
            throw objection;
        }

        foreach (string doubt in _context.Options.SkipSpaceCheck ? [] : Tree.Space.Doubts())
            _context.Events.Warn(doubt);
        using var consumer = new ChunkConsumer(_context, _round, _chunks, _results);

        // Files are compared while answers are sent. Otherwise each side could wait for the other to read.
        Task answer = AnswerAsync(answerer);
        Task compare = CompareAsync(answer);
        Task consume = Work.Run(() => ConsumeAsync(consumer, answer), CancellationToken.None);
        await Concurrently.RunAsync(_stop, answer, compare, consume, RefuseMessagesAsync(compare, consume)).ConfigureAwait(false);

        await MakeLinksAsync().ConfigureAwait(false);
        foreach (string warning in Tree.FinishFolders())
            _context.Events.Warn(warning);
        await _results.CompleteAsync().ConfigureAwait(false);
        return _results.Confirmed;
    }

    public void Dispose()
    {
        _results.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync(OfferAnswerer answerer)
    {
        _results.Confirm(await answerer.SendAsync(_round, _stop.Token).ConfigureAwait(false));
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

    private async Task CompareAsync(Task answer)
    {
        List<IncomingEntry> unchanged = []; // no result is sent before everything is answered
        await new RoundComparer(_context, _round).RunAsync(AdoptWhenAnsweredAsync, _stop.Token).ConfigureAwait(false);
        await answer.ConfigureAwait(false);
        await AdoptAllAsync().ConfigureAwait(false);

        ValueTask AdoptWhenAnsweredAsync(IncomingEntry entry)
        {
            unchanged.Add(entry);
            return answer.IsCompletedSuccessfully ? AdoptAllAsync() : ValueTask.CompletedTask;
        }

        async ValueTask AdoptAllAsync()
        {
            foreach (IncomingEntry entry in unchanged)
                await AdoptAsync(entry).ConfigureAwait(false);
            unchanged.Clear();
        }
    }

    /// <summary>The existing file already has the new content. It only gets the new mode and time.</summary>
    private async ValueTask AdoptAsync(IncomingEntry entry)
    {
        try
        {
            if (Tree.Existing.Adopt(entry.Offered, entry.Compared!.Existing) is { } warning)
                _context.Events.Warn(warning);
            Tree.RemovePartial(entry.Offered.Name);
            if (_context.Options.Durable == true && Tree.Names.FlushExisting([entry.Offered]).TryGetValue(entry.Offered.Name, out P2PException? failure))
                throw failure;
            await _results.SettleUnchangedAsync(entry).ConfigureAwait(false);
        }
        catch (P2PException e)
        {
            await _results.FailForNowAsync(entry, e).ConfigureAwait(false);
        }
    }

    private async Task MakeFoldersAsync()
    {
        foreach (IncomingEntry entry in _round.Entries)
        {
            if (entry.Offered.Kind == EntryKind.Folder && entry.Decision.Kind is DecisionKind.Want or DecisionKind.Unchanged)
                await MakeFolderAsync(entry).ConfigureAwait(false);
        }
    }

    private async ValueTask MakeFolderAsync(IncomingEntry entry)
    {
        try
        {
            Tree.CreateFolder(entry.Offered);
        }
        catch (P2PException e) when (!entry.IsWanted)
        {
            // The folder existed already. Both sides report it as unchanged, and files that cannot be written fail.
            _context.Events.Warn(e.Message, e.Hint);
        }
        catch (P2PException e)
        {
            await _results.FailAsync(entry, e).ConfigureAwait(false);
            return;
        }

        if (entry.IsWanted)
            await _results.SettleWrittenAsync(entry, new CommitResult(Tree.PathOf(entry.Offered.Name))).ConfigureAwait(false);
    }

    private async Task MakeLinksAsync()
    {
        foreach (IncomingEntry entry in _round.Entries)
        {
            if (entry.Offered.Kind == EntryKind.Link && entry.IsWanted)
                await MakeLinkAsync(entry).ConfigureAwait(false);
        }
    }

    private async ValueTask MakeLinkAsync(IncomingEntry entry)
    {
        CommitResult made;
        try
        {
            made = Tree.CreateLink(entry.Offered);
        }
        catch (P2PException e)
        {
            await _results.FailAsync(entry, e).ConfigureAwait(false);
            return;
        }

        await _results.SettleWrittenAsync(entry, made).ConfigureAwait(false);
    }
}
