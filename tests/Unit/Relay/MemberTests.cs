using System.Net;
using System.Net.Sockets;
using P2PCopy.Relay.Events;
using P2PCopy.Relay.Http;
using P2PCopy.Relay.Limits;
using P2PCopy.Relay.Rooms;

namespace P2PCopy.Tests.Unit.Relay;

public class MemberTests
{
    private const string Room = "ABCDEFGHIJKLMNOPQRSTU0";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_reaches_the_partner_although_it_was_served_before_the_one_who_came_first()
    {
        var options = new RelayOptions();
        var services = new RoomServices(options, new Traffic(options), new RelayCounters());
        (Socket Client, Socket Server) first = await ConnectAsync(), second = await ConnectAsync();
        using (first.Client)
        using (first.Server)
        using (second.Client)
        using (second.Server)
        {
            Member sender = Join(services, first.Server, PeerRole.Send), receiver = Join(services, second.Server, PeerRole.Receive);
            RoomPlacement alone = services.Rooms.Place(sender), paired = services.Rooms.Place(receiver);
            Assert.Null(alone.Partner);
            Assert.Same(sender, paired.Partner);

            // Both join at once, and the second gets the processor first.
            Task receiving = receiver.RunAsync(paired);
            Assert.Contains("paired", await ReadAsync(second.Client, "}"));
            Task sending = sender.RunAsync(alone);
            Assert.Contains("paired", await ReadAsync(first.Client, "paired\"}"));
            byte[] frame = [0x82, 0x85, 0, 0, 0, 0, .. "hello"u8];
            await first.Client.SendAsync(frame, Cancel);
            Assert.EndsWith("hello", await ReadAsync(second.Client, "hello"));

            first.Client.Close();
            second.Client.Close();
            await Task.WhenAll(sending, receiving).WaitAsync(Cancel);
        }
    }

    private static Member Join(RoomServices services, Socket socket, PeerRole role)
        => new(services, new NetworkStream(socket), new JoinRequest(Room, role, role.ToString(), "AQIDBAUGBwgJCgsMDQ4PEA==", null), socket.Close);

    /// <summary>Reads until the text ends like this.</summary>
    private static async Task<string> ReadAsync(Socket socket, string end)
    {
        string text = "";
        byte[] one = new byte[1];
        while (!text.EndsWith(end, StringComparison.Ordinal) && await socket.ReceiveAsync(one, Cancel) > 0)
            text += (char)one[0];
        return text;
    }

    private static async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Task connecting = client.ConnectAsync(listener.LocalEndpoint, Cancel).AsTask();
        Socket server = await listener.AcceptSocketAsync(Cancel);
        await connecting;
        return (client, server);
    }
}
