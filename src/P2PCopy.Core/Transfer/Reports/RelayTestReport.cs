namespace P2PCopy;

/// <summary>The result of the test of a relay.</summary>
public sealed record RelayTestReport
{
    /// <summary>The relay.</summary>
    public required Uri Relay { get; init; }

    /// <summary>Whether two members met through the relay and every requested measurement succeeded.</summary>
    public bool Succeeded => Error is null;

    /// <summary>Whether a server answered at this address, also with a refusal or a certificate that is not accepted.</summary>
    public bool IsReachable { get; init; }

    /// <summary>Whether its certificate is accepted; null with <c>ws://</c>, or if there was no certificate.</summary>
    public bool? IsTlsValid { get; init; }

    /// <summary>SHA-256 of its certificate, upper-case hex; null without a certificate.</summary>
    public string? CertificateHash { get; init; }

    /// <summary>End of its certificate, UTC; null without a certificate.</summary>
    public DateTime? CertificateExpires { get; init; }

    /// <summary>The version of the relay's software; null if the relay does not state it.</summary>
    public string? Version { get; init; }

    /// <summary>The time of a small message to the relay and back, the median of several; null if it was not measured.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Bytes per second through the relay, in both directions at the same time over one connection each; null if not measured.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Whether a direct connection is possible from here; null if the test failed or did not look (<see cref="RelayTestOptions.Direct"/>).</summary>
    public DirectOutlook? Direct { get; init; }

    /// <summary>The error of a failed test; null if the test succeeded.</summary>
    public P2PException? Error { get; init; }
}
