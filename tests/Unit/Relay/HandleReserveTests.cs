using System.Net;
using System.Net.Sockets;
using P2PCopy.Relay.Hosting;
using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Unit.Relay;

public sealed class HandleReserveTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silent_client_that_is_refused_keeps_its_handle_for_half_a_second_and_the_reserve_works_meanwhile()
    {
        var clock = new ManualTimeProvider();
        using var reserve = new HandleReserve(clock);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancel);
        Assert.True(reserve.Release());

        Task refusing = reserve.RefuseAsync(await listener.AcceptSocketAsync(Cancel), secure: false);
        Assert.False(refusing.IsCompleted);
        Assert.True(reserve.Restore());
        clock.Advance(TimeSpan.FromSeconds(1));
        await refusing.WaitAsync(Cancel);

        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Cancel));
        reserve.Dispose();
        Assert.False(reserve.Restore());
    }
}
