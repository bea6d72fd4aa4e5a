using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
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
    public async Task It_listens_on_the_addresses_that_it_lists_and_on_no_other()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere 127.0.0.2 is not an address of the machine.");
        await using IHostedRelay relay = await new EmbeddedRelay().StartAsync(Cancel);
        using (var listed = new TcpClient())
            await listed.ConnectAsync(IPAddress.Loopback, relay.LocalAddress.Port, Cancel);
        using var other = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => other.ConnectAsync(IPAddress.Parse("127.0.0.2"), relay.LocalAddress.Port, Cancel).AsTask());
        Assert.DoesNotContain(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), l => l.Port == relay.LocalAddress.Port && (l.Address.Equals(IPAddress.Any) || l.Address.Equals(IPAddress.IPv6Any)));
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
