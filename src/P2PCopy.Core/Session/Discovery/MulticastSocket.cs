using System.Net;
using System.Net.Sockets;

namespace P2PCopy.Session.Discovery;

/// <summary>Opens the UDP sockets of discovery.</summary>
internal static class MulticastSocket
{
    // A flood fills a small buffer and the system drops the rest; more would delay what is read.
    private const int BufferBytes = 16 << 10;

    /// <summary>The number of sockets that this process has opened, so that a test can prove that there are none.</summary>
    public static int Opened => Volatile.Read(ref OpenedCount);

    private static int OpenedCount;

    /// <summary>The group of a family.</summary>
    public static IPEndPoint Group(AddressFamily family)
        => new(DiscoveryMessage.Groups.First(g => g.AddressFamily == family), DiscoveryMessage.Port);

    /// <summary>A socket that asks from one address; null if the system does not allow it.</summary>
    public static Socket? ToAsk(MulticastInterface from) => TryOpen(from.Address.AddressFamily, socket =>
    {
        if (from.Address.AddressFamily == AddressFamily.InterNetwork)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.HostToNetworkOrder(from.Index));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 1);
        }
        else
        {
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, from.Index);
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 1);
        }

        socket.Bind(new IPEndPoint(from.Address, 0));
    });

    /// <summary>A socket that receives what is sent to the group once it has joined; null if the system does not allow it.</summary>
    public static Socket? ToListen(AddressFamily family) => TryOpen(family, socket =>
    {
        if (family == AddressFamily.InterNetworkV6)
            socket.DualMode = false;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true); // several senders on one machine
        socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, DiscoveryMessage.Port));
    });

    /// <summary>Joins the group on an interface; does nothing if it has joined already or the interface does not allow it.</summary>
    public static void Join(Socket socket, MulticastInterface on)
    {
        try
        {
            IPAddress group = Group(socket.AddressFamily).Address;
            if (socket.AddressFamily == AddressFamily.InterNetwork)
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(group, on.Index));
            else
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(group, on.Index));
        }
        catch (SocketException)
        {
            // The other interfaces are still used.
        }
    }

    private static Socket? TryOpen(AddressFamily family, Action<Socket> prepare)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = BufferBytes, Blocking = false };
            Interlocked.Increment(ref OpenedCount);
            prepare(socket);
            return socket;
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
    }
}
