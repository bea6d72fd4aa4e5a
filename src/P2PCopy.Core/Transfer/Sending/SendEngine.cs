using System.Threading.Channels;
using P2PCopy.Compression;
using P2PCopy.Files.Delta;
using P2PCopy.Files.Source;
using P2PCopy.Primitives;
using P2PCopy.Session.Delivery;
using P2PCopy.Session.Links;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Content;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer.Sending;

/// <summary>
/// The sender's side of a session. In each round it offers entries, takes the answers, sends the content and collects
/// the results. A second round repeats files whose failure another attempt can correct. The sender selects the files: a
/// receiver can decline an offered entry, and cannot request another one.
/// </summary>
internal sealed class SendEngine(PeerSession session, SendOptions options, SourceTree tree, ReportBook report, EventSink events, TransferMeter meter)
{
    private const long WindowBytes = 24 << 20;
    private const int MaxRounds = 2;

    private readonly ControlPort _control = new(session);
    private readonly Channel<ControlMessage> _messages = Channel.CreateBounded<ControlMessage>(4);
    private readonly SendPacer _pacer = new(options.BandwidthLimit, options.TimeProvider);
    private SendRound? _round;
    private BufferPool _pool = new(0);
    private long _nextChunk;
    private long _confirmed;
    private long _settledBytes;

    /// <summary>Runs to the receipt.</summary>
    public async Task RunAsync(IReadOnlyList<int> lines, CancellationToken cancellationToken)
    {
        await _control.SendAsync(
            new SettingsMessage { Codecs = [.. ChunkCodecs.Available.Select(c => c.Name)], Window = WindowBytes, ChunkSize = options.ChunkSize, Hash = options.Hash == HashMode.On, SenderName = options.SenderName.Length > 0 ? options.SenderName : null },
            cancellationToken).ConfigureAwait(false);
        SettingsMessage receiver = await _control.ReceiveAsync<SettingsMessage>(cancellationToken).ConfigureAwait(false);
        if (receiver.Window <= 0)
            throw ProtocolErrors.Malformed("a window of no bytes");
        _pool = new BufferPool(OutgoingRecord.HeaderLength + options.ChunkSize);
        session.Configure(options.ChunkSize, Math.Min(WindowBytes, receiver.Window), _pool);
        ChunkCompressor? compressor = ChunkEncoder.CreateCompressor(options, receiver.Codecs);
        var encoder = new ChunkEncoder(compressor, _pool, report);
        session.ChunkSent = compressor is null ? null : compressor.ReportSent;
        session.ChunksDelivered = compressor is null ? null : compressor.ReportDelivered;

        // Acknowledged content of unfinished files counts, too.
        meter.FurtherBytes = () => Math.Max(0, session.Window.AcknowledgedRawBytes - Volatile.Read(ref _settledBytes));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task dispatch = _control.DispatchAsync<ReceiptMessage>(TakeAtOnce, _messages.Writer, stop);
        Task open = new StreamOpener(options.Connections, options.TimeProvider, ObserveLinks, count => OpenStreamsAsync(count, stop.Token)).RunAsync(stop.Token);
        try
        {
            List<SourceEntry> entries = [.. tree.Entries];
            for (int number = 0; ; number++)
            {
                var round = new SendRound(number, entries, lines);
                _round = round;
                await RunRoundAsync(round, encoder, stop.Token).ConfigureAwait(false);
                if (number + 1 == MaxRounds || options.InputStream is not null || (entries = round.WorthRetrying(out lines)).Count == 0)
                    break;
            }

            await _control.SendAsync(new EndMessage { Confirmed = _confirmed }, stop.Token).ConfigureAwait(false);
            if (await TakeAsync(stop.Token).ConfigureAwait(false) is not ReceiptMessage receipt || receipt.Confirmed != _confirmed)
                throw ProtocolErrors.Malformed("its receipt does not match its results");
            await _control.SendLastAsync(new ByeMessage(), stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await dispatch.ConfigureAwait(false); // throws what ended it
            throw;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(dispatch, open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private LinkState ObserveLinks()
    {
        ChunkOutbox window = session.Window;
        return new LinkState(session.LinksUp, window.AcknowledgedRawBytes / options.ChunkSize, window.AcknowledgedRecordBytes, window.Starved);
    }

    private async ValueTask OpenStreamsAsync(int count, CancellationToken cancellationToken)
    {
        await _control.SendAsync(new StreamsMessage { Count = count }, cancellationToken).ConfigureAwait(false);
        session.OpenConnections(count);
    }

    private async Task RunRoundAsync(SendRound round, ChunkEncoder encoder, CancellationToken cancellationToken)
    {
        meter.Phase = TransferPhase.Offering;
        await new OfferPager(round.Number, _control)
            .SendAsync(round.Entries, round.Number == 0 ? tree.Problems : [], cancellationToken).ConfigureAwait(false);
        if (round.Number == 0)
            events.Raise(new TransferEvent.Offered(TransferOffer.Of(tree.Entries.Select(e => e.Entry))));
        meter.Phase = TransferPhase.Comparing;

        var cursor = new ContentCursor();
        var context = new SendItemContext(round.Number, options.Hash == HashMode.On, session.TrailerKey);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lister = new BlockLister(round.Number, _control, session.BlockKey(BlockDigest.KeyLength), options.Hash == HashMode.On, meter);
        var planner = new RoundPlanner(round, _messages.Reader, cursor, lister, (index, answer) => TakeAnswer(round, index, answer));
        Task plan = planner.RunAsync(stop.Token);
        Task produce = ProduceAsync(round, plan, cursor, context, encoder, stop.Token);
        await Concurrently.RunAsync(stop, plan, produce, round.Settled.WaitAsync(stop.Token)).ConfigureAwait(false);
    }

    private async Task ProduceAsync(
        SendRound round, Task plan, ContentCursor cursor, SendItemContext context, ChunkEncoder encoder, CancellationToken cancellationToken)
    {
        if (options.InputStream is { } input)
        {
            await plan.ConfigureAwait(false);
            if (cursor.IsAtEnd)
                return; // not wanted
            meter.Phase = TransferPhase.Transferring;
            var producer = new OpenEndedProducer(
                session,
                input,
                context,
                options.ChunkSize,
                _pool,
                encoder,
                _pacer.WaitAsync,
                read => round.SetOpenEnded(read.Length, read.Digest, read.Failure?.Message));
            _nextChunk = await producer.RunAsync(_nextChunk, cancellationToken).ConfigureAwait(false);
            return;
        }

        var files = new ChunkProducer(
            session,
            cursor,
            options.ChunkSize,
            _pool,
            encoder,
            item => new ItemReader(item, round.Entries[(int)item.Index], context, round.ComparedDigest((int)item.Index)),
            reader => round.SetRead((int)reader.Item.Index, reader.Digest, reader.Failure),
            reader => meter.SetCurrent(reader is null ? null : round.Entries[(int)reader.Item.Index].Entry.Name, reader?.Done ?? 0, reader?.Item.DataLength ?? 0),
            message => _control.SendAsync(message, cancellationToken),
            _pacer.WaitAsync);
        await cursor.WaitForEndAsync(cancellationToken).ConfigureAwait(false);
        meter.Phase = TransferPhase.Transferring;
        _nextChunk = await files.RunAsync(_nextChunk, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Handles messages that do not wait for their turn.</summary>
    private bool TakeAtOnce(ControlMessage message)
    {
        if (message is not ResultsPage results)
            return false;
        TakeResults(results);
        return true;
    }

    private ValueTask<ControlMessage> TakeAsync(CancellationToken cancellationToken) => _messages.Reader.ReadAsync(cancellationToken);

    /// <returns>True when the entry is wanted.</returns>
    private bool TakeAnswer(SendRound round, int index, AnsweredEntry? answer)
    {
        int line = round.Lines[index];
        long length = Math.Max(0, round.Entries[index].Entry.Length);
        switch (answer?.Answer)
        {
            case null or Answers.Blocks:
                return true;
            case Answers.Unchanged:
                _confirmed++;
                meter.AddBytes(length);
                report.Settle(line, FileStatus.Unchanged);
                break;
            case Answers.Skip:
                meter.AddBytes(length);
                report.Settle(line, FileStatus.Skipped, message: PeerReason.Sentence(answer.Message));
                break;
            case Answers.Refuse:
                meter.AddBytes(length);
                report.Fail(line, PeerReason.Code(answer.Code), PeerReason.Sentence(answer.Message) ?? "The receiver refused it.");
                break;
            default:
                throw ProtocolErrors.Malformed($"the answer \"{answer.Answer}\"");
        }

        return false;
    }

    private void TakeResults(ResultsPage page)
    {
        SendRound round = _round is { } current && current.Number == page.Round ? current : throw ControlPort.Unexpected(page);
        foreach (int index in Indexes(page.Good, round.Entries.Count))
        {
            (byte[]? digest, long length) = round.TakeGood(index);
            _confirmed++;
            CountSettled(round, index, length);
            report.Settle(round.Lines[index], round.IsExisting(index) ? FileStatus.Unchanged : FileStatus.Copied, length, digest);
        }

        foreach (int index in Indexes(page.Skipped, round.Entries.Count))
        {
            CountSettled(round, index, round.TakeSkipped(index));
            report.Settle(round.Lines[index], FileStatus.Skipped, message: "The receiver kept a file that appeared there during the transfer.");
        }

        foreach (FailedEntry failed in page.Failed)
        {
            if (failed.Index < 0 || failed.Index >= round.Entries.Count)
                throw ProtocolErrors.Malformed("a result for an entry that is not there");
            (P2PErrorCode code, string text, bool isWorthRetrying) = round.TakeFailed(
                (int)failed.Index, PeerReason.Code(failed.Code), PeerReason.Sentence(failed.Message) ?? "The receiver gave no reason.");
            if (isWorthRetrying)
                report.FailForNow(round.Lines[(int)failed.Index], code, text);
            else
                report.Fail(round.Lines[(int)failed.Index], code, text);
        }

        if (page.Last)
            round.Settle();
    }

    private void CountSettled(SendRound round, int index, long length)
    {
        meter.AddBytes(length);
        Interlocked.Add(ref _settledBytes, round.SentLength(index));
    }

    /// <summary>The entry numbers in a list of first, count, first, count, …</summary>
    private static IEnumerable<int> Indexes(long[] runs, int entries)
    {
        if (runs.Length % 2 != 0)
            throw ProtocolErrors.Malformed("a list of results that is not whole");
        for (int i = 0; i < runs.Length; i += 2)
        {
            (long first, long count) = (runs[i], runs[i + 1]);
            if (first < 0 || count <= 0 || first > entries - count)
                throw ProtocolErrors.Malformed("a result for an entry that is not there");
            for (long index = first; index < first + count; index++)
                yield return (int)index;
        }
    }
}
