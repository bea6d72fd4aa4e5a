using System.Net;

namespace P2PCopy.Relay.Http;

/// <summary>Addresses and networks of an option; <c>unix</c> stands for connections without an address.</summary>
internal sealed class AddressList
{
    private readonly List<IPNetwork> _networks = [];
    private readonly bool _unix;

    /// <summary>Reads the entries.</summary>
    /// <exception cref="P2PException">An entry is neither an address nor a network.</exception>
    public AddressList(IReadOnlyList<string> entries, string option)
    {
        foreach (string entry in entries)
        {
            if (entry == "unix")
                _unix = true;
            else if (IPNetwork.TryParse(entry, out IPNetwork network))
                _networks.Add(network);
            else if (IPAddress.TryParse(entry, out IPAddress? address))
                _networks.Add(new IPNetwork(address, 8 * address.GetAddressBytes().Length));
            else
                throw new P2PException(P2PErrorCode.InvalidOption, $"'{entry}' in `{option}` is not an address or a network.") { Hint = "Use a form such as 192.0.2.7, 192.0.2.0/24, 2001:db8::/32 or unix." };
        }
    }

    public bool IsEmpty => _networks.Count == 0 && !_unix;

    public bool Contains(PeerAddress peer)
        => peer.Address is { } address ? _networks.Exists(n => n.Contains(address)) : _unix;
}
