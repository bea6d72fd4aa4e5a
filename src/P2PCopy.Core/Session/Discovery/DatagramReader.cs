using System.Net;
using System.Net.Sockets;

namespace P2PCopy.Session.Discovery;

/// <summary>
/// Reads datagrams of anyone at a limited rate, so that a flood costs little; the system drops what is not read. The socket is polled,
/// because the runtime wakes a thread for each datagram of a socket that it watches.
/// </summary>
internal static class DatagramReader
{
    private const int MostPerTurn = 20;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    // After a full turn: 40 datagrams in a second.
    private static readonly TimeSpan TurnOfFlood = TimeSpan.FromMilliseconds(500);

    /// <summary>Reads until it is cancelled or the socket fails.</summary>
    /// <param name="socket">The socket, on which nothing asynchronous runs.</param>
    /// <param name="take">Takes each datagram with the length of a message.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(Socket socket, Func<ReadOnlyMemory<byte>, IPEndPoint, ValueTask> take, TimeProvider time, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[DiscoveryMessage.Length + 1];
        IPAddress any = socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        while (true)
        {
            int read = 0;
            for (; read < MostPerTurn && socket.Poll(TimeSpan.Zero, SelectMode.SelectRead); read++)
            {
                EndPoint from = new IPEndPoint(any, 0);
                if (Receive(socket, buffer, ref from) == DiscoveryMessage.Length)
                    await take(buffer.AsMemory(0, DiscoveryMessage.Length), (IPEndPoint)from).ConfigureAwait(false);
            }

            await Task.Delay(read < MostPerTurn ? Turn : TurnOfFlood, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static int Receive(Socket socket, byte[] buffer, ref EndPoint from)
    {
        try
        {
            return socket.ReceiveFrom(buffer, ref from);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.MessageSize or SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.WouldBlock)
        {
            return 0; // a longer datagram, one with a wrong checksum, or a report about an earlier answer
        }
    }
}
