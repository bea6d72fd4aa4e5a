using System.Globalization;
using System.Net;

namespace P2PCopy.Transport;

/// <summary>
/// The value of <c>NO_PROXY</c>: names with their subdomains, addresses, networks such as <c>10.0.0.0/8</c>, each of them
/// with a port if wanted, or <c>*</c> for everything.
/// </summary>
/// <param name="text">The entries, separated by commas or spaces.</param>
internal sealed class NoProxyList(string text)
{
    private readonly string[] _entries = text.Split([',', ' ', '\t', ';'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether an address is dialled without a proxy.</summary>
    public bool Matches(Uri address)
    {
        string host = RelayAddress.HostWithoutZone(address).TrimEnd('.');
        IPAddress? ip = IPAddress.TryParse(host, out IPAddress? parsed) ? Plain(parsed) : null;
        return Array.Exists(_entries, entry => entry == "*" || Matches(entry, host, ip, address.Port));
    }

    private static bool Matches(string entry, string host, IPAddress? ip, int port)
    {
        (string name, int? only) = SplitPort(entry);
        if (only is { } number && number != port)
            return false;
        if (ip is not null)
        {
            return (IPAddress.TryParse(name, out IPAddress? one) && Plain(one).Equals(ip))
                || (IPNetwork.TryParse(name, out IPNetwork network) && network.Contains(ip));
        }

        name = name.TrimStart('*').TrimStart('.').TrimEnd('.');
        return name.Length > 0 && host.EndsWith(name, StringComparison.OrdinalIgnoreCase)
            && (host.Length == name.Length || host[host.Length - name.Length - 1] == '.');
    }

    private static (string Name, int? Port) SplitPort(string entry)
    {
        int close = entry.IndexOf(']', StringComparison.Ordinal);
        if (entry[0] == '[' && close > 0)
            return (entry[1..close], PortOf(entry[(close + 1)..]));
        int colon = entry.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || colon != entry.LastIndexOf(':') ? (entry, null) : (entry[..colon], PortOf(entry[colon..]));
    }

    // A port that is not a number matches nothing.
    private static int? PortOf(string text)
        => text.Length == 0 ? null : int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) ? port : -1;

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
