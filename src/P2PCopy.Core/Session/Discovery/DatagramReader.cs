using System.Net;
using System.Net.Sockets;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Discovery;

/// <summary>
/// Reads datagrams of anyone at a limited rate, so that a flood costs little; the system drops what is not read. A thread waits for the
/// socket, because the runtime wakes one for each datagram of a socket that it watches, and one that looks often costs more than a flood.
/// </summary>
internal static class DatagramReader
{
    private const int MostPerTurn = 20;

    // How soon the thread ends after a cancel.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // After a full turn: 40 datagrams in a second.
    private static readonly TimeSpan PauseInFlood = TimeSpan.FromMilliseconds(500);

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
            await Work.RunWaiting(() => WaitForData(socket, cancellationToken), cancellationToken).ConfigureAwait(false);
            int read = 0;
            for (; read < MostPerTurn && socket.Poll(TimeSpan.Zero, SelectMode.SelectRead); read++)
            {
                EndPoint from = new IPEndPoint(any, 0);
                if (Receive(socket, buffer, ref from) == DiscoveryMessage.Length)
                    await take(buffer.AsMemory(0, DiscoveryMessage.Length), (IPEndPoint)from).ConfigureAwait(false);
            }

            await Task.Delay(read < MostPerTurn ? Pause : PauseInFlood, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void WaitForData(Socket socket, CancellationToken cancellationToken)
    {
        while (!socket.Poll(LongestWait, SelectMode.SelectRead))
            cancellationToken.ThrowIfCancellationRequested();
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
