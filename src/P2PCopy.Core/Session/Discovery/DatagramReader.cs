using System.Net;
using System.Net.Sockets;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Discovery;

/// <summary>Reads datagrams of anyone at a limited rate, so that a flood costs little; the system drops what is not read.</summary>
internal static class DatagramReader
{
    private const int PerSecond = 200;
    private const int Burst = 50;

    /// <summary>Reads until it is cancelled or the socket fails.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="take">Takes each datagram with the length of a message.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(Socket socket, Func<ReadOnlyMemory<byte>, IPEndPoint, ValueTask> take, TimeProvider time, CancellationToken cancellationToken)
    {
        var budget = new TokenBucket(PerSecond, Burst, time);
        byte[] buffer = new byte[DiscoveryMessage.Length + 1];
        EndPoint any = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            await budget.TakeAsync(1, cancellationToken).ConfigureAwait(false);
            try
            {
                SocketReceiveFromResult received = await socket.ReceiveFromAsync(buffer.AsMemory(), any, cancellationToken).ConfigureAwait(false);
                if (received.ReceivedBytes == DiscoveryMessage.Length)
                    await take(buffer.AsMemory(0, DiscoveryMessage.Length), (IPEndPoint)received.RemoteEndPoint).ConfigureAwait(false);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.MessageSize or SocketError.ConnectionReset or SocketError.ConnectionRefused)
            {
                // A longer datagram, or a report about an earlier answer.
            }
        }
    }
}
