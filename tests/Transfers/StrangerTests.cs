using P2PCopy.Tests.Testing;
using P2PCopy.Tests.Unit.Relay;

namespace P2PCopy.Tests.Transfers;

/// <summary>A stranger who knows the route of a standing receiver takes the sender's place whenever it is free.</summary>
public sealed class StrangerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_honest_sender_has_its_turn_although_a_stranger_joins_again_and_again()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o with { TrustedProxies = ["127.0.0.1"] });
        using var pair = new TransferPair();
        var code = PairingCode.Parse("stand1-acorn-bamboo-cactus-dolphin");
        string file = pair.Write("small", new byte[5]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        ReceiveOptions receive = pair.Receive with { Code = code, Connector = null, Relays = [relay.Address] };
        await using IAsyncEnumerator<TransferReport> box = P2PTransfer.ReceiveContinuouslyAsync(receive, cancellationToken: stop.Token).GetAsyncEnumerator(Cancel);
        ValueTask<bool> report = box.MoveNextAsync();
        Task stranger = JoinAgainAndAgainAsync(relay.Address, code.RoomName, stop.Token);

        TransferReport sent = await P2PTransfer.SendAsync(
            pair.Send with { Paths = [file], Code = code, Connector = null, Relays = [relay.Address] }, cancellationToken: Cancel);

        Assert.True(sent.Succeeded, sent.Error?.Message);
        Assert.True(await report);
        Assert.True(box.Current.Succeeded);
        await stop.CancelAsync();
        await stranger;
    }

    /// <summary>Holds the place as long as it may, with a new member each time.</summary>
    private static async Task JoinAgainAndAgainAsync(Uri relay, string room, CancellationToken cancellationToken)
    {
        for (int member = 100; !cancellationToken.IsCancellationRequested; member++)
        {
            using RawClient client = await RawClient.ConnectAsync(relay);
            await client.SendAsync(RawClient.JoinHead(room, "send", TestRelay.Member(member), "X-Forwarded-For: 192.0.2.7\r\n"));
            await client.ReadAllAsync();
        }
    }
}
