using System.Net;
using System.Net.Sockets;

namespace P2PCopy.Transport.Streams;

/// <summary>Sockets that share one local port: one may listen while others connect from it (RFC 5128, section 3.4).</summary>
internal static class SharedPort
{
    /// <summary>A TCP socket that is bound to a port on every address of a family.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="port">The port; 0 for any free one.</param>
    /// <exception cref="SocketException">The port is taken, or the system does not have the family.</exception>
    public static Socket Bind(AddressFamily family, int port)
    {
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (family == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
