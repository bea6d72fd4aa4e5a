using System.Net;
using System.Net.Sockets;

namespace P2PCopy.Transport;

/// <summary>A connection as every way to a relay makes it.</summary>
internal static class TcpConnection
{
    public static async Task<Stream> OpenAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        // Buffer sizes stay the system's: setting one ends its tuning by bandwidth and delay.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            UnsentLimit.Set(socket);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
