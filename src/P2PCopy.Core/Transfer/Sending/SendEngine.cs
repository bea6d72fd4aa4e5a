using System.Threading.Channels;
using P2PCopy.Compression;
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
    private readonly ResultTaker _results = new(report, meter);
    private long _nextChunk;

    /// <summary>Runs to the receipt.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        OutgoingEntry[] entries = [.. tree.Entries.Select(source => new OutgoingEntry(source, OpenLine(source)))];
        foreach (SourceProblem problem in tree.Problems)
            report.AddProblem(problem);
        SendContext context = await BeginAsync(cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task dispatch = _control.DispatchAsync<ReceiptMessage>(TakeAtOnce, _messages.Writer, stop);
        Task open = OpenAsync(stop.Token);
        try
        {
            for (int number = 0; ; number++)
            {
                var round = new SendRound(new RoundTrailers(number, context.Hash, session.TrailerKey), entries);
                await RunRoundAsync(context, round, stop.Token).ConfigureAwait(false);
                if (number + 1 == MaxRounds || options.InputStream is not null || (entries = round.WorthRetrying()).Length == 0)
                    break;
            }

            session.Direct.Stop();
            await _control.SendAsync(new EndMessage { Confirmed = _results.Confirmed }, stop.Token).ConfigureAwait(false);
            ControlMessage last = await _messages.Reader.ReadAsync(stop.Token).ConfigureAwait(false);
            if (last is not ReceiptMessage receipt || receipt.Confirmed != _results.Confirmed)
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

    private int OpenLine(SourceEntry source) => report.Open(source.Entry, options.InputStream is null ? source.FullPath : null);

    private async Task<SendContext> BeginAsync(CancellationToken cancellationToken)
    {
        var own = new SettingsMessage
        {
            Codecs = [.. ChunkCodecs.Available.Select(c => c.Name)],
            Window = WindowBytes,
            ChunkSize = options.ChunkSize,
            Hash = options.Hash == HashMode.On,
            SenderName = options.SenderName.Length > 0 ? options.SenderName : null,
            Direct = session.Context.Direct.Mode,
        };
        await _control.SendAsync(own, cancellationToken).ConfigureAwait(false);
        SettingsMessage receiver = await _control.ReceiveAsync<SettingsMessage>(cancellationToken).ConfigureAwait(false);
        if (receiver.Window <= 0)
            throw ProtocolErrors.Malformed("a window of no bytes");
        var pool = new BufferPool(OutgoingRecord.HeaderLength + options.ChunkSize);
        session.Configure(options.ChunkSize, Math.Min(WindowBytes, receiver.Window), pool);
        report.IsDurable = receiver.Durable;
        DirectAgreement.Begin(session, _control, receiver);
        ChunkCompressor? compressor = ChunkEncoder.CreateCompressor(options, receiver.Codecs);
        session.ChunkSent = compressor is null ? null : compressor.ReportSent;
        session.ChunksDelivered = compressor is null ? null : compressor.ReportDelivered;

        // Acknowledged content of unfinished files counts, too.
        meter.FurtherBytes = () => Math.Max(0, session.Window.AcknowledgedRawBytes - _results.SettledBytes);

        // A burst is a tenth of a second of the rate.
        TokenBucket? rate = options.BandwidthLimit > 0 ? new TokenBucket(options.BandwidthLimit, options.BandwidthLimit / 10.0, options.TimeProvider) : null;
        return new SendContext(session, options, meter, _control, _messages.Reader, pool, new ChunkEncoder(compressor, pool, isPadded: options.Encryption == PayloadEncryption.On, report), rate);
    }

    /// <summary>Opens parallel connections; on another path the search for their number begins again.</summary>
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var opener = new ConnectionOpener(options.Connections, options.TimeProvider, ObserveLinks, count => OpenStreamsAsync(count, cancellationToken));
        do
        {
            int path = session.Paths.Changes;
            await opener.RunAsync(cancellationToken).ConfigureAwait(false);
            await session.Paths.ChangeAsync(path, cancellationToken).ConfigureAwait(false);
        }
        while (options.Connections == 0);
    }

    private LinkState ObserveLinks()
    {
        ChunkOutbox window = session.Window;
        return new LinkState(session.Paths.Changes, session.Paths.Links, window.AcknowledgedRawBytes / options.ChunkSize, window.AcknowledgedRecordBytes, window.Starved);
    }

    private async ValueTask OpenStreamsAsync(int count, CancellationToken cancellationToken)
    {
        await _control.SendAsync(new StreamsMessage { Count = count }, cancellationToken).ConfigureAwait(false);
        session.OpenConnections(count);
    }

    private async Task RunRoundAsync(SendContext context, SendRound round, CancellationToken cancellationToken)
    {
        _results.Begin(round);
        meter.Phase = TransferPhase.Offering;
        await new OfferPager(round.Number, _control)
            .SendAsync(round.Sources, round.Number == 0 ? tree.Problems : [], cancellationToken).ConfigureAwait(false);
        if (round.Number == 0)
            events.Raise(new TransferEvent.Offered(TransferOffer.Of(tree.Entries.Select(e => e.Entry))));
        meter.Phase = TransferPhase.Comparing;

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task plan = new RoundPlanner(context, round, _results).RunAsync(stop.Token);
        Task produce = ProduceAsync(context, round, plan, stop.Token);
        await Concurrently.RunAsync(stop, plan, produce, round.Settled.WaitAsync(stop.Token)).ConfigureAwait(false);
    }

    private async Task ProduceAsync(SendContext context, SendRound round, Task plan, CancellationToken cancellationToken)
    {
        if (options.InputStream is { } input)
        {
            await plan.ConfigureAwait(false);
            if (round.Content.IsAtEnd)
                return; // not wanted
            meter.Phase = TransferPhase.Transferring;
            _nextChunk = await new OpenEndedProducer(context, round, input).RunAsync(_nextChunk, cancellationToken).ConfigureAwait(false);
            return;
        }

        await round.Content.WaitForEndAsync(cancellationToken).ConfigureAwait(false);
        meter.Phase = TransferPhase.Transferring;
        _nextChunk = await new ChunkProducer(context, round).RunAsync(_nextChunk, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Handles messages that do not wait for their turn.</summary>
    private bool TakeAtOnce(ControlMessage message)
    {
        switch (message)
        {
            case ResultsPage results:
                _results.Take(results);
                return true;
            case CandidatesMessage { Offer: var offer }:
                session.Direct.Take(offer);
                return true;
            default:
                return false;
        }
    }
}
