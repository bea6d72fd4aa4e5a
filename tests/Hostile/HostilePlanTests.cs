using P2PCopy.Files.Delta;
using P2PCopy.Session.Links;
using P2PCopy.Tests.Testing;
using P2PCopy.Transfer;
using P2PCopy.Transfer.Control;
using P2PCopy.Transfer.Receiving;
using P2PCopy.Transfer.Reports;

namespace P2PCopy.Tests.Hostile;

/// <summary>A sender that lists blocks so that the receiver's plans become as long as possible, and never sends content.</summary>
[Collection(nameof(AloneCollection))] // it measures memory
public sealed class HostilePlanTests : IDisposable
{
    private const int Files = 3;
    private const int KnownLength = 64 << 10;
    private const int UnknownLength = 16 << 10;
    private const long OfferedLength = 16L << 30;
    private const int PairsPerPage = 18_000;

    private readonly TransferPair _pair = new();

    [Fact]
    public async Task Plans_of_pieces_that_alternate_are_bounded_over_all_files_of_a_round()
    {
        for (int i = 0; i < Files; i++)
            _pair.Write($"destination/f{i}", new byte[KnownLength]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive with { SkipSpaceCheck = true }, cancellationToken: stop.Token));
        await using var meter = new TransferMeter(null, _pair.Send.TimeProvider);
        var runner = new TransferRunner(_pair.Send, PairingCode.Parse(TransferPair.Code), new EventSink(null, meter), meter);
        (long found, long listed, long grown) = (0, 0, 0);
        await runner.RunAsync(
            runner.CreateContext(PeerRole.Send, _pair.Relay, wrongCodeLimit: 1),
            async (session, _, token) => (found, listed, grown) = await ListAsync(session, token),
            stop.Token);
        await stop.CancelAsync();
        await receiver;

        TestContext.Current.TestOutputHelper!.WriteLine($"{listed:N0} blocks listed, {found:N0} found, {grown:N0} bytes more in memory");
        Assert.InRange(listed, 2 * RoundComparer.MostPieces, long.MaxValue);
        Assert.InRange(found, RoundComparer.MostPieces / 4, RoundComparer.MostPieces / 2);
        Assert.InRange(grown, 0, 64 << 20);
    }

    public void Dispose() => _pair.Dispose();

    private static async Task<(long Found, long Listed, long Grown)> ListAsync(PeerSession session, CancellationToken cancellationToken)
    {
        var control = new ControlPort(session);
        await control.SendAsync(new SettingsMessage { Codecs = [], Window = 1 << 20, ChunkSize = 1 << 20, Hash = true }, cancellationToken);
        await control.ReceiveAsync<SettingsMessage>(cancellationToken);
        OfferedEntry[] entries = [.. Enumerable.Range(0, Files).Select(i => new OfferedEntry { Name = $"f{i}", Length = OfferedLength, Modified = 1 })];
        await control.SendAsync(new OfferPage { Round = 0, Page = 0, Last = true, Entries = entries }, cancellationToken);
        Assert.Equal(Files, (await control.ReceiveAsync<AnswerPage>(cancellationToken)).Entries.Count(e => e.Answer == Answers.Blocks));

        byte[] page = Page(Digest(new byte[KnownLength], session.BlockKey(BlockDigest.KeyLength)));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        (long found, long listed) = (0, 0);
        for (int file = 0; file < Files; file++)
        {
            long pages = OfferedLength / ((KnownLength + UnknownLength) * (long)PairsPerPage);
            for (long i = 0; i < pages; i++)
            {
                await control.SendAsync(new BlocksPage { Round = 0, Index = file, Last = i == pages - 1, Data = page }, cancellationToken);
                FoundPage answer = await control.ReceiveAsync<FoundPage>(cancellationToken);
                found += answer.Runs.Where((_, run) => run % 2 == 0).Sum();
                listed += 2 * PairsPerPage;
            }
        }

        return (found, listed, GC.GetTotalMemory(forceFullCollection: true) - before);
    }

    private static byte[] Page(UInt128 known)
    {
        List<byte> data = [];
        for (int i = 0; i < PairsPerPage; i++)
        {
            BlocksPage.Append(data, KnownLength, known);
            BlocksPage.Append(data, UnknownLength, UInt128.MaxValue);
        }

        return [.. data];
    }

    private static UInt128 Digest(byte[] content, byte[] key)
    {
        using var digest = new BlockDigest(key);
        digest.Append(content);
        return digest.Finish();
    }
}
