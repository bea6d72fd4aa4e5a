using System.Net;
using P2PCopy.Transport;

namespace P2PCopy;

/// <summary>How a relay is dialled. Immutable; every default is the documented one.</summary>
public abstract record ConnectionOptions
{
    /// <summary>A bearer token that the relay asks for; none by default.</summary>
    public string? Token { get; init; }

    /// <summary>A PEM file of certificate authorities to trust for <c>wss://</c> instead of the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>SHA-256 (hex) of the only server certificate to accept, whoever issued it.</summary>
    public string? PinnedCertificate { get; init; }

    /// <summary>Accepts any server certificate. The transfer stays encrypted end to end; the relay is not authenticated.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>HTTP proxy to dial through; the system's settings (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>) by default.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>User and password for the proxy.</summary>
    public NetworkCredential? ProxyCredential { get; init; }

    /// <summary>Seconds for one attempt to reach the relay, TLS and upgrade included; 1 to 3600.</summary>
    public int ConnectionTimeoutSeconds { get; init; } = 15;

    /// <summary>The clock; replaced in tests.</summary>
    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal RelayConnectorOptions ForRelays(IReadOnlyList<Uri> relays) => new()
    {
        Relays = relays,
        Token = Token,
        CaFile = CaFile,
        PinnedCertificate = PinnedCertificate,
        SkipCertificateCheck = SkipCertificateCheck,
        Proxy = Proxy,
        ProxyCredential = ProxyCredential,
        ConnectionTimeout = TimeSpan.FromSeconds(ConnectionTimeoutSeconds),
        TimeProvider = TimeProvider,
    };
}
