using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Files;

namespace P2PCopy.Tests.Transfers;

/// <summary>A source that changes half way, and what is sparse.</summary>
public sealed class ChangingSourceTests : IDisposable
{
    // More than the window: the sender cannot have read all of it while nothing has been acknowledged.
    private const int Length = 40 << 20;

    private readonly TransferPair _pair = new();

    public enum Change
    {
        Truncated,
        Grown,
        Replaced,
        Overwritten,
    }

    [Theory]
    [InlineData(Change.Truncated)]
    [InlineData(Change.Grown)]
    [InlineData(Change.Replaced)]
    [InlineData(Change.Overwritten)]
    public async Task A_source_that_changes_once_half_way_is_offered_again_and_arrives_as_it_is_now(Change change)
    {
        string path = MakeSource();

        (Outcome sender, Outcome receiver) = await RunAsync(once: true, () => Apply(change, path));

        Assert.True(sender.Succeeded, Problems(sender));
        Assert.True(receiver.Succeeded, Problems(receiver));
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.Equal("content", File.ReadAllText(Path.Combine(_pair.Destination, "source", "small.txt")));
        Assert.Equal(0, _pair.PartialLength);
        Assert.Empty(_pair.Failures);
        Assert.Equal(sender.Report!.Files.Select(f => (f.Name, f.Status, f.Hash)), receiver.Report!.Files.Select(f => (f.Name, f.Status, f.Hash)));
    }

    [Theory]
    [InlineData(Change.Truncated)]
    [InlineData(Change.Grown)]
    [InlineData(Change.Replaced)]
    public async Task A_source_that_goes_on_changing_fails_by_name_on_both_sides_and_the_next_run_completes(Change change)
    {
        string path = MakeSource();
        int times = 0;

        (Outcome sender, Outcome receiver) = await RunAsync(once: false, () => Apply(change, path, times++));

        Assert.All([sender, receiver], o => Assert.Equal([("source/big.bin", P2PErrorCode.FileReadError)], Failures(o)));
        Assert.Equal(["source/big.bin", "source/big.bin"], _pair.Failures.Select(f => f.Name));
        Assert.Contains("chang", sender.Report!.Files.Single(f => f.Error is not null).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.Equal("content", File.ReadAllText(Path.Combine(_pair.Destination, "source", "small.txt")));

        _pair.Relay.OnMessage = message => [message.Bytes];
        (sender, receiver) = await _pair.RunAsync();
        Assert.True(sender.Succeeded && receiver.Succeeded);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.Equal(0, _pair.PartialLength);
    }

    [Fact]
    public async Task A_source_deleted_half_way_fails_by_name_on_both_sides()
    {
        string path = MakeSource();

        (Outcome sender, Outcome receiver) = await RunAsync(once: true, () => File.Delete(path));

        Assert.All([sender, receiver], o => Assert.Equal([("source/big.bin", P2PErrorCode.FileReadError)], Failures(o)));
        Assert.Contains("it was deleted", sender.Report!.Files.Single(f => f.Error is not null).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.Equal("content", File.ReadAllText(Path.Combine(_pair.Destination, "source", "small.txt")));
    }

    [Fact]
    public async Task A_partial_of_a_source_that_changed_between_runs_costs_only_what_changed()
    {
        string path = MakeSource();
        using var stop = new CancellationTokenSource();
        Task<Outcome> sender = Outcome.OfAsync(P2PTransfer.SendAsync(_pair.Send with { BandwidthLimit = 12 << 20 }));
        Task<Outcome> receiver = Outcome.OfAsync(P2PTransfer.ReceiveAsync(_pair.Receive, cancellationToken: stop.Token));
        while (_pair.PartialLength < 20 << 20)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(sender, receiver);
        using (FileStream file = File.OpenWrite(path))
        {
            file.Position = 2 << 20;
            file.Write(new byte[1000]);
        }

        (Outcome again, Outcome arrived) = await _pair.RunAsync();

        Assert.True(again.Succeeded && arrived.Succeeded);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "big.bin")));
        Assert.InRange(again.Report!.BytesTransferred, 1, 21 << 20);
    }

    [Fact]
    public async Task What_is_sparse_stays_sparse()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files have no holes here without being asked.");
        string path = _pair.Write("source/sparse.bin", []);
        using (FileStream file = File.OpenWrite(path))
        {
            file.SetLength(64 << 20);
            file.Position = 30 << 20;
            file.Write(new byte[] { 1, 2, 3 });
        }

        (Outcome sender, Outcome receiver) = await _pair.RunAsync();

        Assert.True(sender.Succeeded && receiver.Succeeded);
        string arrived = Path.Combine(_pair.Destination, "source", "sparse.bin");
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(arrived));
        long blocks = long.Parse(Shell.Run("stat", "-c", "%b", arrived), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(blocks * 512, 0, 1 << 20);
    }

    public void Dispose() => _pair.Dispose();

    private static IEnumerable<(string, P2PErrorCode)> Failures(Outcome outcome)
        => outcome.Report!.Files.Where(f => f.Error is not null).Select(f => (f.Name, f.Error!.Value));

    private static string Problems(Outcome outcome)
        => outcome.Exception?.ToString() ?? string.Join('\n', outcome.Report!.Files.Where(f => f.Error is not null).Select(f => f.Message));

    private static void Apply(Change change, string path, int salt = 0)
    {
        switch (change)
        {
            case Change.Truncated:
                using (FileStream file = File.OpenWrite(path))
                    file.SetLength((10 << 20) - salt);
                break;
            case Change.Grown:
                using (FileStream file = new(path, FileMode.Append))
                    file.Write(new byte[1000]);
                break;
            case Change.Replaced:
                byte[] other = new byte[(1 << 20) + salt];
                new Random(99 + salt).NextBytes(other);
                File.WriteAllBytes(path + ".new", other);
                File.Move(path + ".new", path, overwrite: true);
                break;
            case Change.Overwritten:
                using (FileStream file = File.OpenWrite(path))
                {
                    file.Position = Length - 1000;
                    file.Write(new byte[900]);
                }

                break;
        }
    }

    private string MakeSource()
    {
        byte[] content = new byte[Length];
        new Random(1).NextBytes(content);
        string path = _pair.Write("source/big.bin", content);
        _pair.Write("source/small.txt", "content"u8.ToArray());
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-1));
        return path;
    }

    /// <summary>Runs with the change at the sender's second large message, or at every message from there on.</summary>
    private Task<(Outcome Sender, Outcome Receiver)> RunAsync(bool once, Action change)
    {
        int large = 0;
        bool done = false;
        _pair.Relay.OnMessage = message =>
        {
            large += message.Bytes.Length > 100_000 ? 1 : 0;
            if (message.From == PeerRole.Send && large >= 2 && !(once && done))
            {
                done = true;
                change();
            }

            return [message.Bytes];
        };
        return TransferPair.RunAsync(_pair.Send with { Connections = 1 }, _pair.Receive);
    }
}
