using System.Net;
using System.Net.Sockets;
using P2PCopy.Primitives;

namespace P2PCopy.Session.Discovery;

/// <summary>
/// Reads datagrams of anyone at a limited rate, so that a flood costs little; the system drops what is not read. One thread does it all:
/// the runtime wakes one for each datagram of a socket that it watches, and its workers spin after each turn.
/// </summary>
internal static class DatagramReader
{
    private const int MostPerTurn = 20;

    // How soon the thread ends after a cancel.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // After a full turn: 40 datagrams in a second.
    private static readonly TimeSpan PauseInFlood = TimeSpan.FromMilliseconds(500);

    /// <summary>Takes a datagram with the length of a message.</summary>
    /// <param name="message">The datagram, valid during the call.</param>
    /// <param name="from">Its source.</param>
    internal delegate void Taker(ReadOnlySpan<byte> message, IPEndPoint from);

    /// <summary>Reads until it is cancelled or the socket fails.</summary>
    /// <param name="socket">The socket, on which nothing asynchronous runs.</param>
    /// <param name="take">Called on the reading thread; it does not wait.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task RunAsync(Socket socket, Taker take, CancellationToken cancellationToken) => Work.RunWaiting(
        () =>
        {
            byte[] buffer = new byte[DiscoveryMessage.Length + 1];
            while (true)
            {
                WaitForData(socket, cancellationToken);
                int read = ReadTurn(socket, buffer, take);
                cancellationToken.WaitHandle.WaitOne(read < MostPerTurn ? Pause : PauseInFlood);
            }
        },
        cancellationToken);

    private static void WaitForData(Socket socket, CancellationToken cancellationToken)
    {
        do
            cancellationToken.ThrowIfCancellationRequested();
        while (!socket.Poll(LongestWait, SelectMode.SelectRead));
    }

    private static int ReadTurn(Socket socket, byte[] buffer, Taker take)
    {
        IPAddress any = socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        int read = 0;
        for (; read < MostPerTurn && socket.Poll(TimeSpan.Zero, SelectMode.SelectRead); read++)
        {
            EndPoint from = new IPEndPoint(any, 0);
            if (Receive(socket, buffer, ref from) == DiscoveryMessage.Length)
                take(buffer.AsSpan(0, DiscoveryMessage.Length), (IPEndPoint)from);
        }

        return read;
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
