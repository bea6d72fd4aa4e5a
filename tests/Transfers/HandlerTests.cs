using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Transfers;

/// <summary>What is told of events must not throw; if it does, the transfer ends on both sides instead of waiting for ever.</summary>
public sealed class HandlerTests : IDisposable
{
    private readonly TransferPair _pair = new();

    public HandlerTests() => _pair.Write("source/file", new byte[3 << 20]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_fails_at_a_result_ends_both_sides(bool atSender)
    {
        (Outcome sender, Outcome receiver) = await RunAsync(atSender, e => e is TransferEvent.FileCompleted);

        Assert.IsType<InvalidCastException>((atSender ? sender : receiver).Exception);
        Assert.False(sender.Succeeded || receiver.Succeeded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_fails_at_a_lost_connection_ends_its_side(bool atSender)
    {
        int large = 0;
        _pair.Relay.OnMessage = m => m.Bytes.Length > 100_000 && Interlocked.Increment(ref large) == 1 ? null : [m.Bytes];

        (Outcome sender, Outcome receiver) = await RunAsync(atSender, e => e is TransferEvent.Reconnecting);

        Assert.IsType<InvalidCastException>((atSender ? sender : receiver).Report?.Error?.InnerException);
        Assert.False(sender.Succeeded || receiver.Succeeded);
    }

    public void Dispose() => _pair.Dispose();

    private async Task<(Outcome Sender, Outcome Receiver)> RunAsync(bool atSender, Func<TransferEvent, bool> fails)
    {
        void Fail(TransferEvent e)
        {
            if (fails(e))
                throw new InvalidCastException("The handler failed.");
        }

        SendOptions send = _pair.Send with { RetryTimeout = TimeSpan.FromSeconds(2), Compression = PayloadCompression.Off };
        ReceiveOptions receive = _pair.Receive with { RetryTimeout = TimeSpan.FromSeconds(2) };
        Task<Outcome> sender = OfAsync(P2PTransfer.SendAsync(atSender ? send with { OnEvent = Fail } : send));
        Task<Outcome> receiver = OfAsync(P2PTransfer.ReceiveAsync(atSender ? receive : receive with { OnEvent = Fail }));
        return (await sender, await receiver);
    }

    private static async Task<Outcome> OfAsync(Task<TransferReport> transfer)
    {
        try
        {
            return await Outcome.OfAsync(transfer);
        }
        catch (InvalidCastException e)
        {
            return new Outcome(null, e);
        }
    }
}
