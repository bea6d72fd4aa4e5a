using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>The line is lost for good at the n-th last message: never a false success.</summary>
public sealed class LostEndTests : IDisposable
{
    private readonly TransferPair _pair = new();

    [Theory]
    [InlineData(PeerRole.Send)]
    [InlineData(PeerRole.Receive)]
    public async Task Whatever_is_the_last_message_to_get_through_nobody_reports_success_for_what_was_not_confirmed(PeerRole from)
    {
        byte[] content = new byte[200_000];
        new Random(1).NextBytes(content);
        _pair.Write("source/a.bin", content);
        _pair.Write("source/b.txt", [1, 2, 3]);
        int count = await CountMessagesAsync(from);
        bool unconfirmedSeen = false;
        bool successSeen = false;
        bool resultsWithoutReceiptSeen = false;

        // From the whole conversation down: the last message is lost, then the last two, and so on. No two conversations
        // have the same number of acks, so it begins a little above.
        for (int kept = count + 8; kept >= 4; kept--)
        {
            Directory.Delete(_pair.Destination, recursive: true);
            int seen = 0;
            _pair.Relay.IsDown = false;
            _pair.Relay.OnMessage = message =>
            {
                if (message.From == from && Interlocked.Increment(ref seen) > kept)
                    _pair.Relay.IsDown = true;
                return _pair.Relay.IsDown ? null : [message.Bytes];
            };

            (Outcome sender, Outcome receiver) = await RunAsync();

            foreach (FileReport file in sender.Report?.Files ?? [])
            {
                string path = Path.Combine(_pair.Destination, file.Name);
                if (file.Status == FileStatus.Copied && file.Kind == FileReportKind.File)
                    Assert.Equal(file.Length, new FileInfo(path).Length);
                unconfirmedSeen |= file.Error == P2PErrorCode.Unconfirmed;
            }

            successSeen |= sender.Succeeded;
            resultsWithoutReceiptSeen |= !sender.Succeeded && sender.Report is { } report && report.Files.All(f => f.Status == FileStatus.Copied);
            Assert.False(sender.Succeeded && !AllArrived(content), $"Kept {kept} of {count}.");
            Assert.False(receiver.Succeeded && !AllArrived(content), $"Kept {kept} of {count}.");
            if (!sender.Succeeded)
                Assert.Equal(P2PErrorCode.ConnectionLost, sender.Error);
            if (!Directory.Exists(_pair.Destination))
                break;
        }

        Assert.True(unconfirmedSeen);
        Assert.True(resultsWithoutReceiptSeen); // every file confirmed, and yet no success without the receipt
        Assert.True(successSeen); // when nothing but the end of the goodbye is lost
    }

    public void Dispose() => _pair.Dispose();

    private bool AllArrived(byte[] content)
        => File.Exists(Path.Combine(_pair.Destination, "source", "b.txt"))
            && File.ReadAllBytes(Path.Combine(_pair.Destination, "source", "a.bin")).AsSpan().SequenceEqual(content);

    private async Task<int> CountMessagesAsync(PeerRole from)
    {
        int seen = 0;
        _pair.Relay.OnMessage = message =>
        {
            if (message.From == from)
                Interlocked.Increment(ref seen);
            return [message.Bytes];
        };
        (Outcome sender, _) = await RunAsync();
        Assert.True(sender.Succeeded);
        return seen;
    }

    private Task<(Outcome Sender, Outcome Receiver)> RunAsync()
        => TransferPair.RunAsync(_pair.Send with { RetryTimeout = TimeSpan.FromSeconds(0) }, _pair.Receive with { RetryTimeout = TimeSpan.FromSeconds(0) });
}
