using System.Globalization;
using P2PCopy.Session.Links;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tests.Transfers;

public sealed class AnswerTests : IDisposable
{
    private const int Wanted = 20;

    // Their answers are more than is kept for a sender that does not take them in.
    private const int Refused = 40_000;

    private readonly TransferPair _pair = new();

    [Fact]
    public async Task A_plan_is_taken_while_the_sender_takes_no_further_answers()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive, cancellationToken: stop.Token));
        SendOptions options = _pair.Send;
        await using var meter = new TransferMeter(null, options.TimeProvider);
        var runner = new TransferRunner(options, PairingCode.Parse(TransferPair.Code), new EventSink(null, meter), meter);
        bool isTaken = false;

        await runner.RunAsync(
            runner.CreateContext(PeerRole.Send, _pair.Relay, wrongCodeLimit: 1),
            async (session, _, token) => isTaken = await IsPlanTakenAsync(session, token),
            stop.Token);
        await stop.CancelAsync();
        await receiver;

        Assert.True(isTaken, "The receiver waits for its answers to be taken before it takes the plan.");
    }

    public void Dispose() => _pair.Dispose();

    private static async Task<bool> IsPlanTakenAsync(PeerSession session, CancellationToken cancellationToken)
    {
        var control = new ControlPort(session);
        await control.SendAsync(new SettingsMessage { Codecs = [], Window = 1 << 20, ChunkSize = 1 << 20, Hash = true }, cancellationToken);
        await control.ReceiveAsync<SettingsMessage>(cancellationToken);
        string refused = "../" + new string('n', 200);
        OfferedEntry[] entries =
        [
            .. Enumerable.Range(0, Wanted + Refused).Select(i => new OfferedEntry { Name = (i < Wanted ? "" : refused) + i.ToString(CultureInfo.InvariantCulture) }),
        ];
        int page = 0;
        foreach (OfferedEntry[] part in entries.Chunk(2000))
            await control.SendAsync(new OfferPage { Round = 0, Page = page++, Last = part[^1] == entries[^1], Entries = part }, cancellationToken);
        await control.ReceiveAsync<AnswerPage>(cancellationToken);

        for (int i = 0; i < Wanted; i++)
            await control.SendAsync(new PlanPage { Round = 0, Page = i, Last = false, UpTo = i + 1, Items = [] }, cancellationToken);
        for (int patience = 2000; patience > 0 && !session.Outbox.IsEmpty; patience--)
            await Task.Delay(10, cancellationToken);
        return session.Outbox.IsEmpty;
    }
}
