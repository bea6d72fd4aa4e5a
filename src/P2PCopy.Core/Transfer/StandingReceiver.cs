using System.Runtime.CompilerServices;
using P2PCopy.Files.Destination;
using P2PCopy.Primitives;
using P2PCopy.Session.Pairing;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Transfer;

/// <summary>
/// Receives one transfer after another with one code. It ends only when its caller cancels it, or if it cannot reach a relay at the
/// start.
/// </summary>
internal sealed class StandingReceiver(ReceiveOptions options, IProgress<TransferProgress>? progress)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromDays(1);

    /// <summary>Long enough to start a sender again, short enough that partial files do not fill a disk.</summary>
    private static readonly TimeSpan PartialAge = TimeSpan.FromDays(7);

    /// <summary>Slower than any usable connection, and too fast to occupy the receiver for nothing: bytes per second.</summary>
    private const long LeastRate = 1024;

    private readonly PairingCode _code = options.Code!;
    private readonly GuessLedger _guesses = new(options.TimeProvider, dailyAllowance: GuessLedger.StandingDailyAllowance);
    private readonly string _member = TransferRunner.NewMember();
    private readonly TimeProvider _time = options.TimeProvider;
    private bool _hasJoined;
    private long? _sweptAt;

    /// <summary>The options with the defaults of this mode: senders learn nothing about existing files and replace none, and what they are told is on the disk.</summary>
    public static ReceiveOptions Complete(ReceiveOptions options)
    {
        bool wholeFile = options.WholeFile ?? true;
        return options with
        {
            OnConflict = options.OnConflict ?? ConflictPolicy.Rename,
            WholeFile = wholeFile,
            MinRate = options.MinRate ?? LeastRate,
            Durable = options.Durable ?? true,

            // Without a comparison of blocks a partial file is never used again.
            DiscardPartial = options.DiscardPartial || wholeFile,
        };
    }

    /// <summary>The reports of the transfers, in their order.</summary>
    public async IAsyncEnumerable<TransferReport> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PairingResult? next = null;
        EventSink? current = null;
        await using MeetingPlaces places = await MeetingPlaces.OpenAsync(options, PeerRole.Receive, _code, what => Raise(current, what), cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                await SweepAsync(cancellationToken).ConfigureAwait(false);
                await using var meter = new TransferMeter(progress, _time);
                var events = new EventSink(options.OnEvent, meter) { AdmitRooms = places.Admit };
                current = events;
                places.Withdraw();
                var runner = new TransferRunner(options, _code, events, meter);
                SessionContext context = runner.CreateContext(PeerRole.Receive, places.Connector, wrongCodeLimit: 0, _member, _guesses);
                PairingResult pairing = next ?? await PairAsync(context, events, cancellationToken).ConfigureAwait(false);
                if (next is not null)
                    context.Observer.Paired();
                (TransferReport report, next) = await TransferAsync(runner, context, pairing, events, meter, cancellationToken).ConfigureAwait(false);
                yield return report;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            if (next is not null)
                await next.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Raise(EventSink? events, TransferEvent what)
    {
        if (events is not null)
            events.Raise(what);
        else
            options.OnEvent?.Invoke(what);
    }

    /// <summary>Waits for a sender with the code without a time-out, also while the relay is unavailable.</summary>
    private async Task<PairingResult> PairAsync(SessionContext context, EventSink events, CancellationToken cancellationToken)
    {
        var backOff = new BackOff(FirstPause, LongestPause);
        string? told = null;
        while (true)
        {
            try
            {
                return await new Pairer(context).PairAsync(survivor: null, cancellationToken).ConfigureAwait(false);
            }
            catch (P2PException e) when (_hasJoined || events.HasJoined)
            {
                // The relay is unavailable, or the other side has another version or is not P2PCopy.
                if (e.Message != told)
                    events.Warn($"Still waiting for senders: {char.ToLowerInvariant(e.Message[0])}{e.Message[1..]}", e.Hint);
                told = e.Message;
            }
            finally
            {
                _hasJoined |= events.HasJoined;
            }

            await Task.Delay(backOff.Next(), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(TransferReport Report, PairingResult? Next)> TransferAsync(
        TransferRunner runner, SessionContext context, PairingResult pairing, EventSink events, TransferMeter meter, CancellationToken cancellationToken)
    {
        // When the receiver is stopped, a running transfer may finish within the drain time.
        using var stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        await using ConfiguredAsyncDisposable drain = cancellationToken.Register(
            () => stop.CancelAfter(options.DrainTimeout)).ConfigureAwait(false);
        try
        {
            (TransferReport report, PairingResult? next) = await runner.RunSessionAsync(
                context, pairing, P2PTransfer.Receiver(options, events, meter, resumes: false), continues: false, stop.Token).ConfigureAwait(false);
            return next is null
                ? (report, null)
                : (report with { Error = report.Error ?? TakenOver() }, next);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // It concerns this sender only; the receiver continues with the next one.
            return (new TransferReport { Files = [], Error = P2PException.Of(e) }, null);
        }
    }

    private static P2PException TakenOver() => new(
        P2PErrorCode.ConnectionLost,
        "The connection was lost, and a sender with the code joined before it was re-established.")
    {
        Hint = "It is the same sender, started again, or another one; a new transfer begins.",
    };

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (_sweptAt is { } last && _time.GetElapsedTime(last) < SweepInterval)
            return;
        _sweptAt = _time.GetTimestamp();
        await Work.Run(() => PartialSweep.Run(options.Destination, _time.GetUtcNow() - PartialAge, cancellationToken), cancellationToken).ConfigureAwait(false);
    }
}
