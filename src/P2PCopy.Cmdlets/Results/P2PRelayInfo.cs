namespace P2PCopy.Cmdlets;

/// <summary>A running relay.</summary>
public sealed class P2PRelayInfo
{
    internal P2PRelayInfo(Uri[] uri) => Uri = uri;

    /// <summary>Its listen addresses, with the actual ports.</summary>
    public Uri[] Uri { get; }

    /// <summary>SHA-256 of its certificate, for -PinnedCertificate; empty without TLS.</summary>
    public string? Fingerprint { get; internal init; }

    /// <summary>The address of its metrics, if they have a listener of their own; otherwise empty.</summary>
    public Uri? MetricsUri { get; internal init; }

    /// <summary>The id of its process.</summary>
    public int ProcessId { get; } = Environment.ProcessId;
}
