using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace P2PCopy.Relay.Hosting;

/// <summary>The addresses of this machine that others may reach.</summary>
internal static class ReachableAddresses
{
    /// <summary>The addresses of all active interfaces, most likely first.</summary>
    public static IEnumerable<IPAddress> OfMachine(bool withIPv6)
        => Interfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .Select(i => i.GetIPProperties())
            // An interface with a gateway is probably reachable; bridges of containers have none.
            .OrderByDescending(p => p.GatewayAddresses.Count > 0)
            .SelectMany(p => p.UnicastAddresses)
            .Select(u => u.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork || (withIPv6 && !a.IsIPv6LinkLocal))
            .OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1);

    /// <summary>The addresses at which others may reach a relay, most likely first, loopback last.</summary>
    public static IReadOnlyList<Uri> Of(RelayServer server, bool secure)
        => [.. server.LocalEndPoints.OfType<IPEndPoint>().SelectMany(e => Of(e, secure)).Distinct().OrderBy(a => a.IsLoopback)];

    /// <summary>Listen addresses with one free port: those of the machine and loopback, without the ones that cannot be bound.</summary>
    public static IReadOnlyList<string> WithOnePort()
    {
        int port;
        using (var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        IEnumerable<IPAddress> usable = OfMachine(Socket.OSSupportsIPv6).Distinct().Where(CanBind);
        return [.. usable.Append(IPAddress.Loopback).Select(a => string.Create(CultureInfo.InvariantCulture, $"{new IPEndPoint(a, port)}"))];
    }

    private static IEnumerable<Uri> Of(IPEndPoint endpoint, bool secure)
    {
        bool any4 = endpoint.Address.Equals(IPAddress.Any);
        bool any6 = endpoint.Address.Equals(IPAddress.IPv6Any);
        if (!any4 && !any6)
            return [ListenAddress.AddressOf(endpoint.Address, endpoint.Port, secure)];

        // A socket for every IPv6 address accepts IPv4 too.
        return OfMachine(any6).Append(IPAddress.Loopback).Select(a => ListenAddress.AddressOf(a, endpoint.Port, secure));
    }

    private static NetworkInterface[] Interfaces()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces();
        }
        catch (NetworkInformationException)
        {
            // Not every container and sandbox shows them; loopback is always there.
            return [];
        }
    }

    // An IPv6 address that is still being checked for duplicates cannot be bound.
    private static bool CanBind(IPAddress address)
    {
        try
        {
            using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
