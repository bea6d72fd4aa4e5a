using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace P2PCopy.Session.Discovery;

/// <summary>An address of this machine from which a multicast group can be asked.</summary>
/// <param name="Name">The name of the network interface.</param>
/// <param name="Index">The index of the interface in the family of the address.</param>
/// <param name="Address">The address.</param>
/// <param name="IsLoopback">Whether only this machine is reached.</param>
internal readonly record struct MulticastInterface(string Name, int Index, IPAddress Address, bool IsLoopback)
{
    /// <summary>A machine with more interfaces is a host of containers; the others are not asked.</summary>
    private const int Most = 32;

    /// <summary>The addresses, those of interfaces with a gateway first; none if the system hides them.</summary>
    public static IReadOnlyList<MulticastInterface> Read()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(n => n.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .Where(n => n.SupportsMulticast || n.NetworkInterfaceType == NetworkInterfaceType.Loopback)
                .Select(n => (Interface: n, Properties: n.GetIPProperties()))
                .OrderByDescending(n => n.Properties.GatewayAddresses.Count > 0)
                .SelectMany(n => Of(n.Interface, n.Properties))
                .Take(Most)];
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<MulticastInterface> Of(NetworkInterface network, IPInterfaceProperties properties)
    {
        bool isLoopback = network.NetworkInterfaceType == NetworkInterfaceType.Loopback;
        foreach (IPAddress address in properties.UnicastAddresses.Select(u => u.Address))
        {
            // The system itself would ask from a link-local IPv6 address, at which a relay does not listen.
            if (!address.IsIPv6LinkLocal && (address.AddressFamily == AddressFamily.InterNetwork || Socket.OSSupportsIPv6)
                && IndexOf(network, properties, address.AddressFamily) is { } index)
            {
                yield return new MulticastInterface(network.Name, index, address, isLoopback);
            }
        }
    }

    private static int? IndexOf(NetworkInterface network, IPInterfaceProperties properties, AddressFamily family)
    {
        NetworkInterfaceComponent component = family == AddressFamily.InterNetwork ? NetworkInterfaceComponent.IPv4 : NetworkInterfaceComponent.IPv6;
        if (!network.Supports(component))
            return null;
        return family == AddressFamily.InterNetwork ? properties.GetIPv4Properties().Index : properties.GetIPv6Properties().Index;
    }
}
