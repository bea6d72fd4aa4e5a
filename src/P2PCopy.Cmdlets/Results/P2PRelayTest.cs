namespace P2PCopy.Cmdlets;

/// <summary>What a test found out about a relay.</summary>
public sealed class P2PRelayTest
{
    internal P2PRelayTest(Uri relay) => Relay = relay;

    /// <summary>The relay.</summary>
    public Uri Relay { get; }

    /// <summary>Two members met through it and everything that was asked for was measured.</summary>
    public bool Succeeded { get; internal init; }

    /// <summary>Something answered there, if only with a refusal or a certificate that is not accepted.</summary>
    public bool Reachable { get; internal init; }

    /// <summary>Whether its certificate is what was asked for; empty without one.</summary>
    public bool? TlsValid { get; internal init; }

    /// <summary>SHA-256 of its certificate, for -PinnedCertificate; empty without one.</summary>
    public string? Fingerprint { get; internal init; }

    /// <summary>When its certificate ends, local time; empty without one.</summary>
    public DateTime? CertificateExpires { get; internal init; }

    /// <summary>The version of its software, as it says; empty when it does not.</summary>
    public string? Version { get; internal init; }

    /// <summary>The time of a small message to the relay and back; empty when it did not come to that.</summary>
    public TimeSpan? RoundTrip { get; internal init; }

    /// <summary>Through the relay, up and down at once; empty when not measured.</summary>
    public double? BytesPerSecond { get; internal init; }

    /// <summary>The error id of a test that failed.</summary>
    public string? ErrorId { get; internal init; }

    /// <summary>Why it failed.</summary>
    public string? Message { get; internal init; }

    /// <inheritdoc/>
    public override string ToString() => Relay.AbsoluteUri.TrimEnd('/');
}
