using System.Net;
using System.Net.Sockets;
using P2PCopy.Transport.Streams;

namespace P2PCopy.Transport;

/// <summary>Opens the TCP connections to relays and proxies.</summary>
/// <param name="time">The clock.</param>
internal sealed class TcpDialer(TimeProvider time)
{
    /// <summary>Finds the addresses of a name, preferred ones first.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Connects to one address.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Stream>> Connect { get; init; } = ConnectAsync;

    /// <summary>A dialer for IPv4 that connects from a local port, which other sockets share.</summary>
    public static TcpDialer From(int localPort, TimeProvider time) => new(time)
    {
        Resolve = (host, token) => Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork, token),
        Connect = (endPoint, token) => endPoint.AddressFamily == AddressFamily.InterNetwork
            ? ConnectAsync(SharedPort.Bind(AddressFamily.InterNetwork, localPort), endPoint, token)
            : throw new SocketException((int)SocketError.AddressFamilyNotSupported),
    };

    /// <summary>Connects to the address of a name that answers first.</summary>
    /// <param name="host">A name, or an address without brackets.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">No address could be reached, or the name has none.</exception>
    public async Task<Stream> OpenAsync(string host, int port, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : await Resolve(host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        return await AddressRace.ConnectAsync(addresses, (address, token) => Connect(new IPEndPoint(address, port), token), time, cancellationToken).ConfigureAwait(false);
    }

    private static Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        if (endPoint.Address.IsIPv4MappedToIPv6)
            endPoint = new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port);

        // Buffer sizes stay the system's: setting one ends its tuning by bandwidth and delay.
        return ConnectAsync(new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp), endPoint, cancellationToken);
    }

    private static async Task<Stream> ConnectAsync(Socket socket, IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        try
        {
            socket.NoDelay = true;
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
