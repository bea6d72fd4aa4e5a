using System.Net;

namespace P2PCopy.Transport;

/// <summary>How to reach relays. Immutable; checked when the connector is made.</summary>
internal sealed record RelayConnectorOptions
{
    /// <summary>The relays, tried in this order at every join; at least one. <c>http</c> means <c>ws</c>.</summary>
    public required IReadOnlyList<Uri> Relays { get; init; }

    /// <summary>A bearer token; null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>A PEM file of the only authorities to trust; null trusts the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>SHA-256 (64 hex digits, colons allowed) of the DER certificate to accept, whoever issued it.</summary>
    public string? PinnedCertificate { get; init; }

    /// <summary>Accepts any certificate; <see cref="PinnedCertificate"/> is stronger.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>An HTTP proxy; null uses the system's settings, and none for loopback addresses.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>User and password for the proxy.</summary>
    public NetworkCredential? ProxyCredential { get; init; }

    /// <summary>For one attempt at one relay: name, TCP, proxy, TLS, upgrade and the first hint.</summary>
    public TimeSpan ConnectionTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a waiting client joins again; each time varied by ± 20 %.</summary>
    public TimeSpan RejoinInterval { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
