namespace P2PCopy;

/// <summary>What was found out about a relay.</summary>
public sealed record RelayTestReport
{
    /// <summary>The relay.</summary>
    public required Uri Relay { get; init; }

    /// <summary>True when two members met through it and everything that was asked for was measured.</summary>
    public bool Succeeded => Error is null;

    /// <summary>Something answered at this address, if only with a refusal or a certificate that is not accepted.</summary>
    public bool IsReachable { get; init; }

    /// <summary>Whether its certificate is what the options ask for; null with <c>ws://</c>, or when no certificate came.</summary>
    public bool? IsTlsValid { get; init; }

    /// <summary>SHA-256 of its certificate, upper-case hex; null without one.</summary>
    public string? CertificateHash { get; init; }

    /// <summary>When its certificate ends, UTC; null without one.</summary>
    public DateTime? CertificateExpires { get; init; }

    /// <summary>The version of the relay's software, as it says; null when it does not.</summary>
    public string? Version { get; init; }

    /// <summary>The time of a small message to the relay and back, the median of several; null when it did not come to that.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Bytes a second through the relay, up and down at once over one connection each; null when not measured.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Why it is of no use, or could not be measured; null when all is well.</summary>
    public P2PException? Error { get; init; }
}
