using System.Globalization;
using P2PCopy.Files.Delta;
using P2PCopy.Session.Links;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tests.Transfers;

public sealed class AnswerTests : IDisposable
{
    private const int Wanted = 5;

    // Their answers are more than the receiver keeps for a sender that does not read them.
    private const int Refused = 40_000;

    private readonly TransferPair _pair = new();

    [Fact]
    public async Task Files_are_compared_and_answers_arrive_when_a_sender_lists_blocks_before_it_reads_on()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        for (int i = 0; i < Wanted; i++)
            _pair.Write("destination/" + i.ToString(CultureInfo.InvariantCulture), new byte[(int)BlockParameters.LeastLength]);
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive, cancellationToken: stop.Token));
        SendOptions options = _pair.Send;
        await using var meter = new TransferMeter(null, options.TimeProvider);
        var runner = new TransferRunner(options, PairingCode.Parse(TransferPair.Code), new EventSink(null, meter), meter);
        bool isCompared = false;

        await runner.RunAsync(
            runner.CreateContext(PeerRole.Send, _pair.Relay, wrongCodeLimit: 1),
            async (session, _, token) => isCompared = await AreComparedAsync(session, token),
            stop.Token);
        await stop.CancelAsync();
        await receiver;

        Assert.True(isCompared, "The session ended before all files were compared.");
    }

    public void Dispose() => _pair.Dispose();

    private static async Task<bool> AreComparedAsync(PeerSession session, CancellationToken cancellationToken)
    {
        var control = new ControlPort(session);
        await control.SendAsync(new SettingsMessage { Codecs = [], Window = 1 << 20, ChunkSize = 1 << 20, Hash = true }, cancellationToken);
        await control.ReceiveAsync<SettingsMessage>(cancellationToken);
        string refused = "../" + new string('n', 200);
        OfferedEntry[] entries =
        [
            .. Enumerable.Range(0, Wanted + Refused).Select(i => new OfferedEntry
            {
                Name = (i < Wanted ? "" : refused) + i.ToString(CultureInfo.InvariantCulture),
                Length = BlockParameters.LeastLength,
            }),
        ];
        int page = 0;
        foreach (OfferedEntry[] part in entries.Chunk(2000))
            await control.SendAsync(new OfferPage { Round = 0, Page = page++, Last = part[^1] == entries[^1], Entries = part }, cancellationToken);
        await control.ReceiveAsync<AnswerPage>(cancellationToken);

        for (int i = 0; i < Wanted; i++)
            await control.SendAsync(new BlocksPage { Round = 0, Index = i, Last = true, Data = [] }, cancellationToken);
        int compared = 0;
        bool isAnswered = false;
        while (compared < Wanted || !isAnswered)
        {
            ControlMessage message = await control.ReceiveAsync(cancellationToken);
            isAnswered |= message is AnswerPage { Last: true };
            if (message is FoundPage found)
                Assert.Equal(compared++, found.Index);
        }

        return true;
    }
}
