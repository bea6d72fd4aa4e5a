using System.Net;
using P2PCopy.Transport;

namespace P2PCopy;

/// <summary>The settings for connections to a relay. Immutable.</summary>
public abstract record ConnectionOptions
{
    /// <summary>A bearer token for the relay, or for the first one of a list; none by default. A string converts to it.</summary>
    public Secret? Token { get; init; }

    /// <summary>A PEM file of certificate authorities to trust for <c>wss://</c> instead of the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>SHA-256 (hexadecimal) of the only server certificate to accept, whatever its issuer.</summary>
    public string? PinnedCertificate { get; init; }

    /// <summary>Accepts any server certificate. The transfer stays encrypted end to end; the relay is not authenticated.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>
    /// Proxy for the connection, <c>http://</c>, <c>https://</c>, <c>socks4://</c>, <c>socks4a://</c>, <c>socks5://</c> or
    /// <c>socks5h://</c>, or <c>none:</c> for no proxy; the system's settings (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>) by default.
    /// </summary>
    public Uri? Proxy { get; init; }

    /// <summary>User and password for the proxy.</summary>
    public NetworkCredential? ProxyCredential { get; init; }

    /// <summary>Time for one attempt to reach the relay, with TLS and upgrade; 1 second to 1 hour.</summary>
    public TimeSpan ConnectionTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The clock; tests replace it.</summary>
    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal virtual RelayConnectorOptions ForRelays(IReadOnlyList<Uri> relays) => new(this) { Relays = relays };
}
