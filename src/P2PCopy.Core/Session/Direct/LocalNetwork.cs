using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace P2PCopy.Session.Direct;

/// <summary>An address of this machine and its subnet.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits of the subnet.</param>
internal readonly record struct LocalAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>Whether an address is in the subnet.</summary>
    public bool Contains(IPAddress address)
        => address.AddressFamily == Address.AddressFamily && new IPNetwork(Masked(Address, PrefixLength), PrefixLength).Contains(address);

    /// <summary>Whether an address is the broadcast address of the subnet, or its first address, which old systems use as such.</summary>
    public bool IsBroadcast(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork || PrefixLength > 30 || !Contains(address))
            return false;
        uint host = ~(uint.MaxValue << (32 - PrefixLength)) & Number(address);
        return host == 0 || host == ~(uint.MaxValue << (32 - PrefixLength));
    }

    private static uint Number(IPAddress address) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());

    private static IPAddress Masked(IPAddress address, int length)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = length; bit < 8 * bytes.Length; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}

/// <summary>The addresses of this machine and its IPv4 gateways.</summary>
/// <param name="Addresses">Unicast addresses of interfaces that are up, without loopback and link-local ones.</param>
/// <param name="Gateways">The IPv4 gateways.</param>
internal sealed record LocalNetwork(IReadOnlyList<LocalAddress> Addresses, IReadOnlyList<IPAddress> Gateways)
{
    /// <summary>Reads the state of the system; empty if it is not available.</summary>
    public static LocalNetwork Read()
    {
        List<LocalAddress> addresses = [];
        List<IPAddress> gateways = [];
        try
        {
            foreach (NetworkInterface network in NetworkInterface.GetAllNetworkInterfaces())
            {
                if (network.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown) || network.NetworkInterfaceType == NetworkInterfaceType.Loopback)
                    continue;
                IPInterfaceProperties properties = network.GetIPProperties();
                foreach (UnicastIPAddressInformation own in properties.UnicastAddresses)
                {
                    if (CandidateRules.IsUnicast(own.Address))
                        addresses.Add(new LocalAddress(own.Address, own.PrefixLength));
                }

                gateways.AddRange(properties.GatewayAddresses.Select(g => g.Address).Where(g => g.AddressFamily == AddressFamily.InterNetwork && CandidateRules.IsUnicast(g)));
            }
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException or IOException or UnauthorizedAccessException)
        {
            // A container may hide its interfaces.
        }

        return new LocalNetwork([.. addresses.Distinct()], [.. gateways.Distinct()]);
    }

    /// <summary>Whether this machine has the address.</summary>
    public bool IsOwn(IPAddress address) => Addresses.Any(own => own.Address.Equals(address));

    /// <summary>Whether an address is on a network to which this machine is connected.</summary>
    public bool IsNear(IPAddress address) => Addresses.Any(own => own.Contains(address));

    /// <summary>Whether an address is a broadcast address of one of these networks.</summary>
    public bool IsBroadcast(IPAddress address) => Addresses.Any(own => own.IsBroadcast(address));
}
