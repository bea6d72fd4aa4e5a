using System.Net;

namespace P2PCopy.Transport;

/// <summary>How to connect to relays. Immutable. The constructor of the connector checks it.</summary>
internal sealed record RelayConnectorOptions
{
    /// <summary>The relays, tried in this order at every join; at least one. <c>http</c> stands for <c>ws</c>.</summary>
    public required IReadOnlyList<Uri> Relays { get; init; }

    /// <summary>The bearer token for the first relay; null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>The other relays of the list that also get <see cref="Token"/>, since they belong to the same operator.</summary>
    public IReadOnlyList<Uri> TokenRelays { get; init; } = [];

    /// <summary>The token for one relay; null sends none.</summary>
    public string? TokenFor(Uri relay)
    {
        string origin = RelayAddress.Origin(relay);
        return RelayAddress.Origin(Relays[0]) == origin || TokenRelays.Any(r => RelayAddress.Origin(r) == origin) ? Token : null;
    }

    /// <summary>A PEM file of the only authorities to trust; null for those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>SHA-256 (64 hex digits, colons allowed) of the only DER certificate to accept, whatever its issuer.</summary>
    public string? PinnedCertificate { get; init; }

    /// <summary>Accepts any certificate; <see cref="PinnedCertificate"/> is stronger.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>A proxy, or <see cref="ProxyAddress.None"/>; null uses the system's settings, and no proxy for loopback addresses.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>User and password for the proxy.</summary>
    public NetworkCredential? ProxyCredential { get; init; }

    /// <summary>Time for one attempt at one relay: name, TCP, proxy, TLS, upgrade and first hint.</summary>
    public TimeSpan ConnectionTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time within which a first join is attempted again: a second attempt has room after a slow one.</summary>
    public TimeSpan FirstJoinTimeout => 2 * ConnectionTimeout;

    /// <summary>The interval in which a waiting client joins again, varied by 20 % each time.</summary>
    public TimeSpan RejoinInterval { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>The time between the checks of a waiting client that the relay still answers: with the time-out of 3 s, silence is noticed within 10 s.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
