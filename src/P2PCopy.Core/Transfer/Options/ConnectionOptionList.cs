using System.Net;
using P2PCopy.Primitives;
using P2PCopy.Primitives.Options;
using P2PCopy.Transport;

namespace P2PCopy.Transfer.Options;

/// <summary>The options of everything that connects to a relay.</summary>
internal static class ConnectionOptionList
{
    public static IReadOnlyList<OptionDefinitionOf<T>> For<T>()
        where T : ConnectionOptions
        =>
        [
            new TextOption<T, Secret>(
                nameof(ConnectionOptions.Token), "Bearer token for the first relay", "printable ASCII characters without spaces",
                text => new Secret(text), o => o.Token, (o, v) => o with { Token = v }, token => RelayConnector.IsHeaderText(token.Reveal()))
            { Group = OptionGroup.Relay, ValueName = "token", Variable = "P2PCOPY_TOKEN", IsSecret = true },
            new FaceOption<T>("TokenFile", "Read the token from the first line of a file", OptionForm.Single) { Group = OptionGroup.Relay, ValueName = "file" },
            new TextOption<T, string>(
                nameof(ConnectionOptions.CaFile), "PEM file of certificate authorities to trust instead of the system's", "a file",
                text => text, o => o.CaFile, (o, v) => o with { CaFile = v })
            { Group = OptionGroup.Relay, ValueName = "file" },
            new TextOption<T, string>(
                nameof(ConnectionOptions.PinnedCertificate), "Accept only the relay certificate with this SHA-256, in hexadecimal", "64 hexadecimal digits",
                text => text, o => o.PinnedCertificate, (o, v) => o with { PinnedCertificate = v })
            { Group = OptionGroup.Relay, ValueName = "sha256" },
            new FlagOption<T>(
                nameof(ConnectionOptions.SkipCertificateCheck), "Accept any relay certificate",
                o => o.SkipCertificateCheck, (o, v) => o with { SkipCertificateCheck = v })
            { Group = OptionGroup.Relay },
            new TextOption<T, Uri>(
                nameof(ConnectionOptions.Proxy), "Proxy for the connection to the relay, or none", "an address such as http://proxy.example:3128 or socks5h://127.0.0.1:1080, or none",
                ProxyAddress.Parse,
                o => o.Proxy, (o, v) => o with { Proxy = v }, ProxyAddress.IsUsable)
            { Group = OptionGroup.Relay, ValueName = "uri", DefaultNote = "system settings" },
            new TextOption<T, NetworkCredential>(
                nameof(ConnectionOptions.ProxyCredential), "User and password for the proxy", "user:password",
                Credential, o => o.ProxyCredential, (o, v) => o with { ProxyCredential = v })
            { Group = OptionGroup.Relay, ValueName = "user:password", IsSecret = true },
            new DurationOption<T>(
                nameof(ConnectionOptions.ConnectionTimeout), "Time for one attempt to reach the relay", (OptionLimits.MinConnectionTimeout, OptionLimits.MaxConnectionTimeout),
                o => o.ConnectionTimeout, (o, v) => o with { ConnectionTimeout = v })
            { Group = OptionGroup.Relay },
        ];

    private static NetworkCredential Credential(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? new NetworkCredential(text, string.Empty) : new NetworkCredential(text[..colon], text[(colon + 1)..]);
    }
}
