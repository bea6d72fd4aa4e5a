using System.Threading.Channels;
using P2PCopy.Compression;
using P2PCopy.Files.Destination;
using P2PCopy.Primitives;
using P2PCopy.Session.Links;
using P2PCopy.Session.Messages;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;
using P2PCopy.Transfer.Writing;

namespace P2PCopy.Transfer.Receiving;

/// <summary>
/// The receiver's side of a session: the settings, the rounds, and the receipt that confirms everything.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="run">State of the run, which can have several sessions.</param>
/// <param name="options">The receiver's options.</param>
/// <param name="openTree">Opens the destination for a sender with this name, or without one.</param>
/// <param name="output">Receives the one file of the offer instead of the destination; usually null.</param>
/// <param name="report">The result of every entry.</param>
/// <param name="events">Receives events.</param>
/// <param name="meter">The progress.</param>
internal sealed class ReceiveEngine(
    PeerSession session, RunMemory run, ReceiveOptions options, Func<string?, DestinationTree> openTree, StreamOutput? output, ReportBook report, EventSink events, TransferMeter meter)
{
    private const long WindowBytes = 24 << 20;

    /// <summary>How long a sender that has lost its connection may take to come back for the receipt.</summary>
    private static readonly TimeSpan ReceiptTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long the sender may take to send <c>bye</c> when it has the receipt.</summary>
    private static readonly TimeSpan ByeTimeout = TimeSpan.FromSeconds(3);

    private readonly ControlPort _control = new(session);
    private readonly Channel<ControlMessage> _messages = Channel.CreateBounded<ControlMessage>(4);
    private volatile bool _isSigned;

    /// <summary>Runs to the sender's <c>bye</c>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = new StallWatch(options, meter, () => session.LinksUp > 0);
        Task watching = watch.RunAsync(stop);
        Task dispatch = Task.CompletedTask;
        OfferAnswerer? answerer = null;
        ReceiveContext? context = null;
        try
        {
            context = await BeginAsync(watch, stop.Token).ConfigureAwait(false);
            answerer = new OfferAnswerer(context);
            dispatch = _control.DispatchAsync<ByeMessage>(TakeAtOnce, _messages.Writer, stop);
            long confirmed = 0;
            var chunks = new ChunkSource(session, context.Sender.ChunkSize, report);
            var offers = new OfferTaker(context);
            for (int round = 0; ; round++)
            {
                ControlMessage message = await TakeAsync(stop.Token).ConfigureAwait(false);
                if (message is EndMessage end)
                {
                    await SignAsync(end, confirmed, stop.Token).ConfigureAwait(false);
                    return;
                }

                using ReceiveRound current = await offers.TakeAsync(round, message, stop.Token).ConfigureAwait(false);
                using var receiver = new RoundReceiver(context, chunks, current, stop.Token);
                confirmed += await receiver.RunAsync(answerer).ConfigureAwait(false);
                if (current.IsOpenEnded)
                    run.Budget.ChargeStream(current.Entries[0].Offered.Name, current.OpenEndedLength);
            }
        }
        catch (P2PException e) when (context is not null)
        {
            await session.AbortAsync(e.Code, context.Tree.ForPeer(e.Message), e).ConfigureAwait(false);
            throw;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // One of the two stopped the session, and fails only after that.
            await Task.WhenAll(watching, dispatch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (watching.IsFaulted)
                await watching.ConfigureAwait(false);
            await dispatch.ConfigureAwait(false);
            throw;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(watching, dispatch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            answerer?.DropPartials();
            context?.Tree.Dispose();
        }
    }

    private async Task<ReceiveContext> BeginAsync(StallWatch watch, CancellationToken cancellationToken)
    {
        bool isDurable = options.Durable == true;
        report.IsDurable = isDurable;
        await _control.SendAsync(new SettingsMessage { Codecs = [.. ChunkCodecs.Available.Select(c => c.Name)], Window = WindowBytes, Durable = isDurable, Direct = session.Context.Direct.Mode }, cancellationToken).ConfigureAwait(false);
        SettingsMessage sender = Check(await _control.ReceiveAsync<SettingsMessage>(cancellationToken).ConfigureAwait(false));
        watch.Touch();
        session.Configure(sender.ChunkSize, WindowBytes, session.ReceivePool);
        DirectAgreement.Begin(session, _control, sender);
        report.SenderName = sender.SenderName is { } name ? VisibleText.Of(name.Trim(), SettingsMessage.MaxNameLength) : null;
        run.BeginSession(sender.SenderName);
        return new ReceiveContext(session, run, options, sender, openTree(sender.SenderName), output, report, events, meter, watch, _control, _messages.Reader);
    }

    private SettingsMessage Check(SettingsMessage settings)
    {
        if (settings.ChunkSize is < OptionLimits.MinChunkSize or > OptionLimits.MaxChunkSize)
            throw ProtocolErrors.Malformed($"chunks of {settings.ChunkSize} bytes");
        if (!settings.Hash && options.Encryption == PayloadEncryption.Off)
            throw ProtocolErrors.Malformed("content without a SHA-256 and without encryption");
        return settings;
    }

    /// <summary>Handles messages that do not wait for their turn.</summary>
    private bool TakeAtOnce(ControlMessage message)
    {
        switch (message)
        {
            case VoidMessage { First: var first, Count: var count }:
                session.Chunks.AddVoid(first, count);
                return true;
            case StreamsMessage { Count: var streams }:
                session.OpenConnections(streams);
                return true;
            case CandidatesMessage { Offer: var offer }:
                session.Direct.Take(offer);
                return true;
            case ByeMessage when !_isSigned:
                throw ControlPort.Unexpected(message); // otherwise the end of its connection would look like the end of the session
            case ByeMessage:
                session.BeginClose(); // at once: the sender ends the link as soon as it has the ack
                return false;
            default:
                return false;
        }
    }

    private ValueTask<ControlMessage> TakeAsync(CancellationToken cancellationToken) => _messages.Reader.ReadAsync(cancellationToken);

    private async Task SignAsync(EndMessage end, long confirmed, CancellationToken cancellationToken)
    {
        if (end.Confirmed != confirmed)
            throw ProtocolErrors.Malformed($"it counts {end.Confirmed} confirmed entries where there are {confirmed}");
        _isSigned = true;
        session.Direct.Stop();
        await _control.SendAsync(new ReceiptMessage { Confirmed = confirmed }, cancellationToken).ConfigureAwait(false);

        // Everything is written. The receiver stays because the sender may need the receipt again.
        using var patience = new CancellationTokenSource(ReceiptTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        Task delivered = session.ControlDeliveredAsync(either.Token);
        Task bye = TakeByeAsync(either.Token);
        bool hasReceipt = await Task.WhenAny(delivered, bye).ConfigureAwait(false) == delivered && delivered.IsCompletedSuccessfully;
        if (hasReceipt)
            patience.CancelAfter(ByeTimeout);
        try
        {
            await bye.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (hasReceipt)
        {
            // The sender has the receipt; only its `bye` was lost.
        }
        catch (OperationCanceledException)
        {
            events.Warn("Everything has arrived, but the sender may not have received the receipt.");
        }

        await either.CancelAsync().ConfigureAwait(false);
        await delivered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TakeByeAsync(CancellationToken cancellationToken)
    {
        if (await TakeAsync(cancellationToken).ConfigureAwait(false) is not ByeMessage)
            events.Warn("The sender sent another message than the expected end of the session.");
    }
}
