using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Transfers;

/// <summary>Another program, such as a receiver with the same destination, changes files that a receiver has just compared.</summary>
public sealed class MeddlingTests : IDisposable
{
    private readonly TransferPair _pair = new();
    private readonly byte[] _content = new byte[8 << 20];
    private int _untilMeddled = 3;
    private long _sent;

    public enum Meddling
    {
        Removed,
        Rewritten,
        Completed,
    }

    private string Target => Path.Combine(_pair.Destination, "source", "big.bin");

    private string Partial => Assert.Single(Directory.GetFiles(Path.Combine(_pair.Destination, "source"), "*.p2ppart", new EnumerationOptions { AttributesToSkip = 0 }));

    [Theory]
    [InlineData(Meddling.Removed, HashMode.On)]
    [InlineData(Meddling.Removed, HashMode.Off)]
    [InlineData(Meddling.Rewritten, HashMode.On)]
    [InlineData(Meddling.Rewritten, HashMode.Off)]
    [InlineData(Meddling.Completed, HashMode.On)]
    [InlineData(Meddling.Completed, HashMode.Off)]
    public async Task A_partial_that_changes_after_it_was_compared_is_not_built_upon(Meddling meddling, HashMode hash)
    {
        Offer();
        using var stop = new CancellationTokenSource();
        _pair.Relay.OnMessage = m =>
        {
            if (_pair.PartialLength >= 3 << 20)
                stop.Cancel();
            return [m.Bytes];
        };
        await Task.WhenAll(
            Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send with { BandwidthLimit = 16 << 20 })),
            Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive, cancellationToken: stop.Token)));
        string partial = Partial;

        BeforeTheFirstChunk(() =>
        {
            if (meddling == Meddling.Completed)
                File.WriteAllBytes(Target, _content);
            if (meddling == Meddling.Rewritten)
                File.WriteAllBytes(partial, new byte[new FileInfo(partial).Length]);
            else
                File.Delete(partial);
        });
        await AssertArrivesAsync(hash);
    }

    [Theory]
    [InlineData(HashMode.On)]
    [InlineData(HashMode.Off)]
    public async Task An_existing_file_that_changes_after_it_was_compared_is_not_copied_from(HashMode hash)
    {
        Offer();
        byte[] old = [.. _content];
        new Random(2).NextBytes(old.AsSpan(1 << 20, 1 << 20));
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        File.WriteAllBytes(Target, old);

        BeforeTheFirstChunk(() => File.WriteAllBytes(Target, new byte[old.Length]));
        await AssertArrivesAsync(hash);
    }

    [Fact]
    public async Task A_partial_that_is_overwritten_in_place_while_it_arrives_is_sent_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such shell.");
        Offer();
        // .NET would respect the receiver's lock.
        WhileItArrives(partial => Shell.Run("sh", "-c", $"printf meddled 1<>'{partial}'"));
        await AssertArrivesAsync(HashMode.On);
        Assert.Equal(0, _untilMeddled);
    }

    [Fact]
    public async Task A_partial_whose_times_another_program_sets_is_good_if_its_content_is()
    {
        Offer();
        WhileItArrives(_ => { });
        await AssertArrivesAsync(HashMode.On);
        Assert.Equal(0, _untilMeddled);
        Assert.InRange(_sent, 0, 1.5 * _content.Length);
    }

    [Fact]
    public async Task An_existing_file_that_changes_after_it_turned_out_to_be_the_new_one_is_replaced()
    {
        Offer();
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        File.WriteAllBytes(Target, _content);

        bool done = false;
        _pair.Relay.OnMessage = m =>
        {
            // The receiver reads its file while the sender lists, so the list meets a file that was read and then changed.
            if (!done && m.From == PeerRole.Send && m.Bytes.Length > 1000)
            {
                done = true;
                File.WriteAllBytes(Target, new byte[_content.Length]);
            }

            return [m.Bytes];
        };
        await AssertArrivesAsync(HashMode.On);
        Assert.True(done);
    }

    public void Dispose() => _pair.Dispose();

    private void Offer()
    {
        new Random(1).NextBytes(_content);
        File.SetLastWriteTimeUtc(_pair.Write("source/big.bin", _content), DateTime.UtcNow.AddDays(-1));
    }

    /// <summary>Meddles before the fourth, fifth and sixth chunk, when those before are written.</summary>
    private void WhileItArrives(Action<string> meddle)
    {
        int chunks = 0;
        _pair.Relay.OnMessage = m =>
        {
            if (m.From != PeerRole.Send || m.Bytes.Length < 100_000)
                return [m.Bytes];
            _sent += m.Bytes.Length;
            if (chunks++ >= 3 && _untilMeddled > 0)
            {
                long written = (chunks - 1) << 20;
                Assert.True(SpinWait.SpinUntil(() => _pair.PartialLength == written, TimeSpan.FromMinutes(1)));
                _untilMeddled--;
                meddle(Partial);
                File.SetLastWriteTimeUtc(Partial, DateTime.UtcNow.AddDays(-chunks));
            }

            return [m.Bytes];
        };
    }

    private void BeforeTheFirstChunk(Action meddle)
    {
        bool done = false;
        _pair.Relay.OnMessage = m =>
        {
            if (!done && m.From == PeerRole.Send && m.Bytes.Length > 100_000)
            {
                done = true;
                meddle();
            }

            return [m.Bytes];
        };
    }

    private async Task AssertArrivesAsync(HashMode hash)
    {
        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(_pair.Send with { Connections = 1, Hash = hash }, _pair.Receive);

        Assert.Equal(_content, File.ReadAllBytes(Target));
        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report!.Files.FirstOrDefault(f => f.Error is not null)?.Message);
        Assert.True(receiver.Succeeded);
        Assert.Equal(0, _pair.PartialLength);
        Assert.Empty(_pair.Failures);
    }
}
