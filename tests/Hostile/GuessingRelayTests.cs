using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Hostile;

/// <summary>A relay that guesses at the code of a running transfer gets no more guesses than at the first pairing.</summary>
public sealed class GuessingRelayTests
{
    // A second of the victim takes 20 ms, so that the test does not wait for its pauses.
    private const int Faster = 50;

    [Theory]
    [InlineData(PeerRole.Send)]
    [InlineData(PeerRole.Receive)]
    public async Task A_relay_that_cancels_the_pairing_of_a_survivor_gets_three_guesses_and_the_side_reports_each(PeerRole victim)
    {
        using var pair = new TransferPair();
        byte[] content = new byte[64 << 20];
        new Random(3).NextBytes(content);
        pair.Write("source/file", content);
        var relay = new GuessingRelay(PairingCode.Parse(TransferPair.Code), victim, TimeSpan.FromSeconds(1));

        (Outcome sender, Outcome receiver) = await TransferPair.RunAsync(
            pair.Send with { Connector = relay, TimeProvider = new FastTimeProvider(Faster), RetryTimeout = TimeSpan.FromSeconds(10_000), ChunkSize = 512 << 10, Compression = PayloadCompression.Off },
            pair.Receive with { Connector = relay, TimeProvider = new FastTimeProvider(Faster), RetryTimeout = TimeSpan.FromSeconds(10_000) });

        Assert.True(sender.Succeeded, sender.Exception?.ToString() ?? sender.Report?.Error?.ToString());
        Assert.True(receiver.Succeeded);
        Assert.InRange(relay.Rounds, 6, 1000);
        Assert.InRange(relay.Confirmations, 1, 3);
        List<TransferEvent> events = victim == PeerRole.Send ? pair.SenderEvents : pair.ReceiverEvents;
        Assert.Equal(relay.Confirmations, events.OfType<TransferEvent.WrongCode>().Count());
    }
}
