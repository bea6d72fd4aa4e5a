namespace P2PCopy.Cmdlets;

/// <summary>The result of the test of a relay.</summary>
public sealed class P2PRelayTest
{
    internal P2PRelayTest(Uri relay) => Relay = relay;

    /// <summary>The relay.</summary>
    public Uri Relay { get; }

    /// <summary>Whether two members met through the relay and every requested measurement succeeded.</summary>
    public bool Succeeded { get; internal init; }

    /// <summary>Whether a server answered, also with a refusal or a certificate that is not accepted.</summary>
    public bool Reachable { get; internal init; }

    /// <summary>Whether its certificate is trusted; empty without a certificate.</summary>
    public bool? TlsValid { get; internal init; }

    /// <summary>SHA-256 of its certificate, for -PinnedCertificate; empty without a certificate.</summary>
    public string? Fingerprint { get; internal init; }

    /// <summary>End of its certificate, local time; empty without a certificate.</summary>
    public DateTime? CertificateExpires { get; internal init; }

    /// <summary>The version of its software; empty if the relay does not state it.</summary>
    public string? Version { get; internal init; }

    /// <summary>The time of a small message to the relay and back; empty if it was not measured.</summary>
    public TimeSpan? RoundTrip { get; internal init; }

    /// <summary>Throughput through the relay, in both directions at the same time; empty if it was not measured.</summary>
    public double? BytesPerSecond { get; internal init; }

    /// <summary>Whether a direct connection is possible from here, in words; empty if that was not looked at.</summary>
    public string? Direct { get; internal init; }

    /// <summary>Whether a direct connection is to be expected; empty if it depends on the other machine, or was not looked at.</summary>
    public bool? DirectExpected { get; internal init; }

    /// <summary>The error id of a failed test.</summary>
    public string? ErrorId { get; internal init; }

    /// <summary>The reason of a failed test.</summary>
    public string? Message { get; internal init; }

    /// <inheritdoc/>
    public override string ToString() => Relay.AbsoluteUri.TrimEnd('/');
}
