using System.Threading.Channels;
using P2PCopy.Compression;
using P2PCopy.Files;
using P2PCopy.Primitives;
using P2PCopy.Session;
using P2PCopy.Transfer.Wire;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// The receiver's side of a session, round by round: takes the offer, answers it, writes what comes, tells the results,
/// and at the end signs for everything with the receipt.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="options">The receiver's options.</param>
/// <param name="openTree">Opens the destination for a sender that calls itself so, or does not say.</param>
/// <param name="output">Takes the one file of the offer instead of the destination; null in the ordinary case.</param>
/// <param name="report">What became of what was offered.</param>
/// <param name="events">Told what happens.</param>
/// <param name="meter">The progress.</param>
internal sealed class ReceiveEngine(
    PeerSession session, ReceiveOptions options, Func<string?, DestinationTree> openTree, StreamOutput? output, ReportBook report, EventSink events, TransferMeter meter)
{
    private const long WindowBytes = 24 << 20;

    private static readonly TimeSpan ByeTimeout = TimeSpan.FromSeconds(30);

    private readonly ControlPort _control = new(session);
    private readonly Channel<ControlMessage> _messages = Channel.CreateBounded<ControlMessage>(4);
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal); // of entries that failed, by name
    private DestinationTree _tree = null!; // from the settings on
    private SettingsMessage? _sender;
    private ChunkSource? _chunks;
    private long _confirmed;
    private volatile bool _isSigned;

    /// <summary>Runs to the sender's <c>bye</c>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _control.SendAsync(new SettingsMessage { Codecs = [.. ChunkCodecs.Available.Select(c => c.Name)], Window = WindowBytes }, cancellationToken).ConfigureAwait(false);
        _sender = Check(await _control.ReceiveAsync<SettingsMessage>(cancellationToken).ConfigureAwait(false));
        session.Configure(_sender.ChunkSize, WindowBytes, session.ReceivePool);
        report.SenderName = _sender.Name is { } name ? PeerText.Printable(name, SettingsMessage.MaxNameLength) : null;
        _tree = openTree(_sender.Name);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _chunks = new ChunkSource(session, _sender.ChunkSize);
        var offers = new OfferTaker(session, options, _tree, report, _lines, events, meter, _messages.Reader);
        var answerer = new OfferAnswerer(options, _tree, output, report, _lines, meter, _control);
        Task dispatch = DispatchAsync(stop);
        try
        {
            for (int round = 0; ; round++)
            {
                ControlMessage message = await TakeAsync(stop.Token).ConfigureAwait(false);
                if (message is EndMessage end)
                {
                    await SignAsync(end, stop.Token).ConfigureAwait(false);
                    return;
                }

                ReceiveRound current = await offers.TakeAsync(round, message, stop.Token).ConfigureAwait(false);
                await RunRoundAsync(current, answerer, stop.Token).ConfigureAwait(false);
                offers.CountOpenEnded(current.OpenEndedLength);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await dispatch.ConfigureAwait(false); // throws what ended it
            throw;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await dispatch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            answerer.DropPartials();
        }
    }

    private SettingsMessage Check(SettingsMessage settings)
    {
        if (settings.ChunkSize is < ChunkSizes.Smallest or > ChunkSizes.Largest)
            throw ProtocolErrors.Malformed($"chunks of {settings.ChunkSize} bytes");
        if (!settings.Hash && options.Encryption == PayloadEncryption.Off)
            throw ProtocolErrors.Malformed("content without a SHA-256 and without encryption");
        return settings;
    }

    /// <summary>Reads control messages up to the last one, so that void and streams are seen at any time.</summary>
    /// <param name="stop">Cancelled when this fails: what waits for a message would wait for ever.</param>
    private async Task DispatchAsync(CancellationTokenSource stop)
    {
        try
        {
            while (true)
            {
                ControlMessage message = await _control.ReceiveAsync(stop.Token).ConfigureAwait(false);
                switch (message)
                {
                    case VoidMessage { First: var first, Count: var count }:
                        session.Chunks.AddVoid(first, count);
                        continue;
                    case StreamsMessage { Count: var streams }:
                        session.OpenStreams(streams);
                        continue;
                    case ByeMessage when !_isSigned:
                        throw ControlPort.Unexpected(message); // the end of its connection would be taken for that of the session
                    case ByeMessage:
                        session.BeginClose(); // at once: the sender ends the link as soon as it has the ack
                        break;
                }

                await _messages.Writer.WriteAsync(message, stop.Token).ConfigureAwait(false);
                if (message is ByeMessage)
                    return; // its last message
            }
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private ValueTask<ControlMessage> TakeAsync(CancellationToken cancellationToken) => _messages.Reader.ReadAsync(cancellationToken);

    private async Task RunRoundAsync(ReceiveRound round, OfferAnswerer answerer, CancellationToken cancellationToken)
    {
        meter.Phase = TransferPhase.Comparing;
        _tree.BeginRound();
        answerer.Decide(round);
        if (_tree.Space.Objection(round.BytesNeeded) is { } objection)
        {
            await session.AbortAsync(objection.Code, _tree.ForPeer(objection.Message)).ConfigureAwait(false);
            throw objection;
        }

        using var roundStop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var blocks = new BlockAnswers(round.Number, _control, session.BlockKey(BlockDigest.KeyLength), _sender!.Hash, meter);
        using var results = new ResultBatcher(
            round.Number, page => _control.SendAsync(page, roundStop.Token), _tree.ForPeer, options.TimeProvider);
        var context = new ItemContext(
            round.Number, _sender.Hash, !options.DiscardPartial, session.TrailerKey, meter, item => OpenSink(round, blocks, item, roundStop.Token))
        {
            MaxOpenEnded = options.MaxSize is { } most ? Math.Max(0, most - round.BytesOfferedBefore) : long.MaxValue,
        };
        var cursor = new StreamCursor();
        using var consumer = new ChunkConsumer(
            session,
            _chunks!,
            cursor,
            _sender.ChunkSize,
            item => new ItemWriter(item, round.Entries[(int)item.Index], context, blocks.PrefixOf(item.Index)),
            writer => SettleAsync(round, writer, results),
            writer => meter.SetCurrent(writer is null ? null : round.Entries[(int)writer.Item.Index].Name, writer?.Done ?? 0, writer?.Item.FileLength ?? 0));

        // The plan is taken while answers are sent: each side would otherwise wait for the other to take in what it has said,
        // once that is more than is kept for it.
        Task answer = AnswerAsync(round, answerer, blocks, results, roundStop.Token);
        Task plan = TakePlanAsync(round, cursor, blocks, results, answer, roundStop.Token);
        Task consume = Task.Run(() => ConsumeAsync(answer, consumer, roundStop.Token), CancellationToken.None);
        await Concurrently.RunAsync(roundStop, answer, plan, consume).ConfigureAwait(false);

        await MakeLinksAsync(round, results).ConfigureAwait(false);
        foreach (string warning in _tree.FinishFolders())
            events.Warn(warning);
        await results.FlushAsync(last: true).ConfigureAwait(false);
    }

    private async Task AnswerAsync(ReceiveRound round, OfferAnswerer answerer, BlockAnswers blocks, ResultBatcher results, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _confirmed, await answerer.SendAsync(round, blocks, cancellationToken).ConfigureAwait(false));
        await MakeFoldersAsync(round, results).ConfigureAwait(false);
        meter.Phase = TransferPhase.Transferring;
    }

    private static async Task ConsumeAsync(Task answer, ChunkConsumer consumer, CancellationToken cancellationToken)
    {
        await answer.ConfigureAwait(false);
        await consumer.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private IContentSink OpenSink(ReceiveRound round, BlockAnswers blocks, StreamItem item, CancellationToken cancellationToken)
        => output is not null
            ? output.Open(cancellationToken)
            : FileSink.Open(_tree, round.Entries[(int)item.Index], item.Plan, blocks.ComparedOf(item.Index));

    private async Task TakePlanAsync(
        ReceiveRound round, StreamCursor cursor, BlockAnswers blocks, ResultBatcher results, Task answer, CancellationToken cancellationToken)
    {
        List<int> unchanged = []; // nothing is written, and no result told, before everything is answered
        long planned = 0;
        for (int page = 0; ; page++)
        {
            ControlMessage message = await TakeAsync(cancellationToken).ConfigureAwait(false);
            if (message is not PlanPage plan || plan.Round != round.Number || plan.Page != page
                || plan.UpTo < planned || plan.UpTo > round.Entries.Count || (plan.Last && plan.UpTo != round.Entries.Count))
            {
                throw ControlPort.Unexpected(message);
            }

            int next = 0;
            for (; planned < plan.UpTo; planned++)
            {
                PlannedEntry? item = next < plan.Items.Length && plan.Items[next].Index == planned ? plan.Items[next++] : null;
                if (!round.IsWantedFile((int)planned))
                    continue;
                if (item is { Unchanged: true })
                    unchanged.Add((int)planned);
                else
                    cursor.Add(new StreamItem(planned, round.Entries[(int)planned].Length, item is null ? null : CheckPlan(round, item)));
            }

            if (next != plan.Items.Length)
                throw ProtocolErrors.Malformed("a plan for an entry that is not there");
            if (plan.Last)
                await answer.ConfigureAwait(false);
            if (answer.IsCompletedSuccessfully)
            {
                foreach (int index in unchanged)
                    await AdoptAsync(round, index, blocks, results).ConfigureAwait(false);
                unchanged.Clear();
            }

            if (plan.Last)
            {
                cursor.Complete();
                return;
            }
        }
    }

    private static FilePlan CheckPlan(ReceiveRound round, PlannedEntry item)
    {
        DestinationDecision decision = round.Decisions[(int)item.Index];
        bool told = round.HasBlocks[(int)item.Index];
        return FilePlan.Of(PlanCodec.Decode(
            item, round.Entries[(int)item.Index].Length, told ? decision.PartialLength : 0, told ? decision.ExistingLength : 0));
    }

    /// <summary>The existing file turned out to be the new content: it only gets the new mode and time.</summary>
    private async ValueTask AdoptAsync(ReceiveRound round, int index, BlockAnswers blocks, ResultBatcher results)
    {
        ManifestEntry entry = round.Entries[index];
        if (!round.HasBlocks[index] || round.Decisions[index].ExistingLength != entry.Length)
            throw ProtocolErrors.Malformed("a plan that calls a file unchanged of which nothing is here");
        try
        {
            if (_tree.Adopt(entry, blocks.ComparedOf(index).Existing) is { } warning)
                events.Warn(warning);
            _tree.RemovePartial(entry.Name);
            meter.AddBytes(entry.Length);
            report.Settle(round.Lines[index], FileStatus.Unchanged, fullName: round.Decisions[index].FullPath);
            Interlocked.Increment(ref _confirmed);
            await results.AddGoodAsync(index).ConfigureAwait(false);
        }
        catch (P2PException e)
        {
            report.Fail(round.Lines[index], e.Code, e.Message);
            await results.AddFailedAsync(index, e.Code, e.Message).ConfigureAwait(false);
        }
    }

    private async ValueTask SettleAsync(ReceiveRound round, ItemWriter writer, ResultBatcher results)
    {
        int line = round.Lines[(int)writer.Item.Index];
        ItemOutcome outcome = writer.Outcome!;
        if (writer.Item.IsOpenEnded)
            round.OpenEndedLength = outcome.Length;
        if (outcome.Failure is { } failure)
        {
            report.Fail(line, failure.Code, failure.Message);
            lock (_lines)
                _lines[round.Entries[(int)writer.Item.Index].Name] = line;
            await results.AddFailedAsync(writer.Item.Index, failure.Code, failure.Message).ConfigureAwait(false);
            return;
        }

        await SettleGoodAsync(line, writer.Item.Index, outcome.Written!.Value, results, outcome.Length, outcome.Digest).ConfigureAwait(false);
    }

    private ValueTask SettleGoodAsync(int line, long index, CommitResult written, ResultBatcher results, long? length = null, byte[]? digest = null)
    {
        if (written.Warning is { } warning)
            events.Warn(warning);
        report.Settle(line, written.WasSkipped ? FileStatus.Skipped : FileStatus.Copied, length, digest, written.FullPath);
        Interlocked.Increment(ref _confirmed);
        return results.AddGoodAsync(index);
    }

    private async Task MakeFoldersAsync(ReceiveRound round, ResultBatcher results)
    {
        for (int i = 0; i < round.Entries.Count; i++)
        {
            ManifestEntry entry = round.Entries[i];
            if (entry.Kind != EntryKind.Folder || round.Decisions[i].Kind is not (DecisionKind.Want or DecisionKind.Unchanged))
                continue;
            await TryAsync(round, i, results, () =>
            {
                _tree.CreateFolder(entry);
                return new CommitResult(_tree.PathOf(entry.Name));
            }).ConfigureAwait(false);
        }
    }

    private async Task MakeLinksAsync(ReceiveRound round, ResultBatcher results)
    {
        for (int i = 0; i < round.Entries.Count; i++)
        {
            ManifestEntry entry = round.Entries[i];
            if (entry.Kind == EntryKind.Link && round.Decisions[i].Kind == DecisionKind.Want)
                await TryAsync(round, i, results, () => _tree.CreateLink(entry)).ConfigureAwait(false);
        }
    }

    private async ValueTask TryAsync(ReceiveRound round, int index, ResultBatcher results, Func<CommitResult> make)
    {
        bool isWanted = round.Decisions[index].Kind == DecisionKind.Want;
        try
        {
            CommitResult made = make();
            if (isWanted)
                await SettleGoodAsync(round.Lines[index], index, made, results).ConfigureAwait(false);
        }
        catch (P2PException e)
        {
            report.Fail(round.Lines[index], e.Code, e.Message);
            if (isWanted)
                await results.AddFailedAsync(index, e.Code, e.Message).ConfigureAwait(false);
        }
    }

    private async Task SignAsync(EndMessage end, CancellationToken cancellationToken)
    {
        long confirmed = Volatile.Read(ref _confirmed);
        if (end.Confirmed != confirmed)
            throw ProtocolErrors.Malformed($"it counts {end.Confirmed} confirmed entries where there are {confirmed}");
        _isSigned = true;
        await _control.SendAsync(new ReceiptMessage { Confirmed = confirmed }, cancellationToken).ConfigureAwait(false);

        // Everything is written. Staying for the bye is a service to the sender, who may need the receipt again.
        using var patience = new CancellationTokenSource(ByeTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            if (await TakeAsync(either.Token).ConfigureAwait(false) is not ByeMessage)
                events.Warn("The sender said something else than goodbye after the receipt.");
        }
        catch (OperationCanceledException)
        {
            events.Warn("Everything has arrived, but the sender may not have got the receipt.");
        }
    }
}
