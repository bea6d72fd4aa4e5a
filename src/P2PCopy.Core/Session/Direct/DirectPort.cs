using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Session.Direct;

/// <summary>The local port of one attempt: it listens for IPv4 and IPv6, and others dial from it.</summary>
internal sealed class DirectPort : IDisposable
{
    private const int Backlog = 8;

    private readonly Socket[] _listeners;

    private DirectPort(Socket[] listeners, int port, bool listens)
    {
        _listeners = listeners;
        Port = port;
        IsListening = listens;
    }

    /// <summary>Its number.</summary>
    public int Port { get; }

    /// <summary>Whether it listens; otherwise it only reserves the port.</summary>
    public bool IsListening { get; }

    /// <summary>The sockets that accept.</summary>
    public IReadOnlyList<Socket> Listeners => IsListening ? _listeners : [];

    /// <summary>Takes a port.</summary>
    /// <param name="port">The port; 0 for any.</param>
    /// <param name="listens">Whether to accept connections.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The result owns the sockets.")]
    public static DirectPort Open(int port, bool listens)
    {
        List<Socket> sockets = [];
        try
        {
            foreach (AddressFamily family in (ReadOnlySpan<AddressFamily>)[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
            {
                if (TryBind(family, port, isNeeded: family == AddressFamily.InterNetwork && Socket.OSSupportsIPv4) is not { } socket)
                    continue;
                sockets.Add(socket);
                port = ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
                if (listens)
                    socket.Listen(Backlog);
            }

            return sockets.Count > 0 ? new DirectPort([.. sockets], port, listens) : throw new SocketException((int)SocketError.AddressFamilyNotSupported);
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }
    }

    /// <summary>A socket to dial with.</summary>
    /// <exception cref="SocketException">The address family is not available.</exception>
    public Socket NewSocket(AddressFamily family) => SharedPort.Bind(family, Port);

    public void Dispose()
    {
        foreach (Socket socket in _listeners)
            socket.Dispose();
    }

    private static Socket? TryBind(AddressFamily family, int port, bool isNeeded)
    {
        try
        {
            return SharedPort.Bind(family, port);
        }
        catch (SocketException) when (!isNeeded)
        {
            return null;
        }
    }
}
