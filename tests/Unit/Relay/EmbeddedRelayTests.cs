using P2PCopy.Transport;

namespace P2PCopy.Tests.Unit.Relay;

public class EmbeddedRelayTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_embedded_relay_lets_in_only_rooms_it_was_told_of()
    {
        await using IHostedRelay relay = await new EmbeddedRelay(new RelayOptions { Listen = ["127.0.0.1:0"] }).StartAsync(Cancel);
        var connector = new RelayConnector(new RelayConnectorOptions { Relays = [relay.LocalAddress] });
        relay.Admit(TestRelay.Room);

        P2PException e = await Assert.ThrowsAsync<P2PException>(
            () => connector.JoinAsync(new RoomJoin("someoneelsesroomroom00", PeerRole.Send, TestRelay.Member(1)), Cancel));
        Assert.Equal(P2PErrorCode.RelayRefused, e.Code);

        Task<IMessageChannel> sender = connector.JoinAsync(new RoomJoin(TestRelay.Room, PeerRole.Send, TestRelay.Member(1)), Cancel);
        await using IMessageChannel receiver = await connector.JoinAsync(new RoomJoin(TestRelay.Room, PeerRole.Receive, TestRelay.Member(2)), Cancel);
        await (await sender).DisposeAsync();
    }

    [Fact]
    public async Task It_lists_where_it_can_be_dialled_with_loopback_last()
    {
        await using IHostedRelay relay = await new EmbeddedRelay().StartAsync(Cancel);
        Assert.True(relay.LocalAddress.IsLoopback);
        Assert.True(relay.Addresses[^1].IsLoopback);
        Assert.Single(relay.Addresses, a => a.IsLoopback);
        Assert.All(relay.Addresses, a => Assert.Equal(relay.LocalAddress.Port, a.Port));
        Assert.All(relay.Addresses, a => Assert.Equal("ws", a.Scheme));
    }
}
