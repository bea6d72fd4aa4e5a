namespace P2PCopy.Cmdlets;

/// <summary>A relay that listens.</summary>
public sealed class P2PRelayInfo
{
    internal P2PRelayInfo(Uri[] uri) => Uri = uri;

    /// <summary>Where it listens, with the real ports.</summary>
    public Uri[] Uri { get; }

    /// <summary>SHA-256 of its certificate, for -PinnedCertificate; empty without TLS.</summary>
    public string? Fingerprint { get; internal init; }

    /// <summary>Where its metrics are, if they have a listener of their own; otherwise empty.</summary>
    public Uri? MetricsUri { get; internal init; }

    /// <summary>The process it runs in.</summary>
    public int ProcessId { get; } = Environment.ProcessId;
}
