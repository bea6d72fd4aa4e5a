using System.Net.Sockets;

namespace P2PCopy.Session.Direct;

/// <summary>
/// Connects to one address while the other side connects back from there.
/// </summary>
/// <remarks>
/// A stepped connect passes routers on both sides that admit no incoming connection. Its first packet has a low time to live. It
/// opens the routers of this side and does not reach those of the other side, which would refuse it and end the attempt. The
/// system repeats the packet after a second. By then the time to live is the usual one, and the other side has done the same.
/// Both packets come from one socket, because routers compare sequence numbers.
/// </remarks>
internal static class DirectDialer
{
    private static readonly TimeSpan PlainPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(400);

    // With the 64 that Linux and macOS use, a packet reaches every machine of the Internet.
    private const short UsualTimeToLive = 64;

    // Linux ignores packets below a minimal time to live (IP_MINTTL, IPV6_MINHOPCOUNT). Without it, the report of the router at
    // which the first packet ends would end the connect. For IPv4 the minimum is compared with that packet, which has 1 left;
    // for IPv6 with the report itself.
    private const int LinuxMinTimeToLive = 21;
    private const int LinuxMinHopCount = 73;
    private const int ProtocolIPv4 = 0;
    private const int ProtocolIPv6 = 41;
    private const int LeastTimeToLive = 2;
    private const int MostHops = 255;

    /// <summary>Connects; null if that is not possible.</summary>
    /// <param name="port">The port to dial from.</param>
    /// <param name="target">The address, and how.</param>
    /// <param name="timeToLive">For a stepped connect: the time to live of the first packet.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static Task<Socket?> DialAsync(DirectPort port, DialTarget target, int timeToLive, TimeProvider time, CancellationToken cancellationToken)
        => target.Way == DialWay.Plain
            ? PlainAsync(port, target, time, cancellationToken)
            : SteppedAsync(port, target, timeToLive, time, cancellationToken);

    private static async Task<Socket?> PlainAsync(DirectPort port, DialTarget target, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            (Socket? socket, SocketError error) = await ConnectAsync(port, target, timeToLive: null, time, cancellationToken).ConfigureAwait(false);
            if (error is not (SocketError.ConnectionRefused or SocketError.ConnectionReset))
                return socket; // connected, or a failure that does not pass, such as a connection that the other side made already
            await Task.Delay(PlainPause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<Socket?> SteppedAsync(DirectPort port, DialTarget target, int timeToLive, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        (Socket? socket, SocketError error) = await ConnectAsync(port, target, (short)timeToLive, time, cancellationToken).ConfigureAwait(false);
        TimeSpan rest = StepTime - time.GetElapsedTime(start);
        if (error is not (SocketError.HostUnreachable or SocketError.NetworkUnreachable) || rest <= TimeSpan.Zero)
            return socket;

        // The system ended the connect because of the report about the first packet. The routers of this side are open nevertheless.
        await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);
        return (await ConnectAsync(port, target, timeToLive: null, time, cancellationToken).ConfigureAwait(false)).Socket;
    }

    private static async Task<(Socket? Socket, SocketError Error)> ConnectAsync(
        DirectPort port, DialTarget target, short? timeToLive, TimeProvider time, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            socket = port.NewSocket(target.EndPoint.AddressFamily);
            if (timeToLive is { } low)
                Lower(socket, low);
            Task connect = socket.ConnectAsync(target.EndPoint, cancellationToken).AsTask();
            if (timeToLive is not null && await Task.WhenAny(connect, Task.Delay(StepTime, time, cancellationToken)).ConfigureAwait(false) != connect && !cancellationToken.IsCancellationRequested)
                Raise(socket);
            await connect.ConfigureAwait(false);
            if (timeToLive is not null)
                Raise(socket);
            return (socket, SocketError.Success);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            return (null, e.SocketErrorCode);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private static void Lower(Socket socket, short timeToLive)
    {
        socket.Ttl = timeToLive;
        if (!OperatingSystem.IsLinux())
            return;
        if (socket.AddressFamily == AddressFamily.InterNetwork)
            socket.SetRawSocketOption(ProtocolIPv4, LinuxMinTimeToLive, BitConverter.GetBytes(LeastTimeToLive));
        else
            socket.SetRawSocketOption(ProtocolIPv6, LinuxMinHopCount, BitConverter.GetBytes(MostHops));
    }

    private static void Raise(Socket socket)
    {
        socket.Ttl = UsualTimeToLive;
        if (OperatingSystem.IsLinux() && socket.AddressFamily == AddressFamily.InterNetworkV6)
            socket.SetRawSocketOption(ProtocolIPv6, LinuxMinHopCount, BitConverter.GetBytes(0));
    }
}
