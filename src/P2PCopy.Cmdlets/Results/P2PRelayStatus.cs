using System.Collections.ObjectModel;

namespace P2PCopy.Cmdlets;

/// <summary>The state of a relay, read from its metrics.</summary>
public sealed class P2PRelayStatus
{
    internal P2PRelayStatus(Uri uri, ReadOnlyDictionary<string, double> metrics)
    {
        Uri = uri;
        Metrics = metrics;
    }

    /// <summary>Where the metrics were read.</summary>
    public Uri Uri { get; }

    /// <summary>The process of the relay; empty if it is not known.</summary>
    public int? ProcessId { get; internal init; }

    /// <summary>The relay refuses joins because it is about to stop.</summary>
    public bool IsDraining => Count("draining") > 0;

    /// <summary>Open connections, joined or not.</summary>
    public long Connections => Count("connections");

    /// <summary>Rooms in which one side waits.</summary>
    public long WaitingRooms => Count("rooms_waiting");

    /// <summary>Rooms with both sides.</summary>
    public long Pairs => Count("pairs");

    /// <summary>Pairs that have formed since the start.</summary>
    public long TotalPairs => Count("pairs_total");

    /// <summary>Bytes forwarded since the start.</summary>
    public long TotalBytes => Sum("bytes_total");

    /// <summary>Clients refused since the start.</summary>
    public long TotalRefusals => Sum("refusals_total");

    /// <summary>Whole days until the certificate expires; empty without TLS.</summary>
    public int? CertificateExpiresDays => Metrics.TryGetValue(Prefix + "certificate_expires_days", out double days) ? (int)days : null;

    /// <summary>All metrics by name, with labels.</summary>
    public ReadOnlyDictionary<string, double> Metrics { get; }

    internal const string Prefix = "p2pcopy_relay_";

    /// <inheritdoc/>
    public override string ToString() => Uri.AbsoluteUri;

    private long Count(string name) => Metrics.TryGetValue(Prefix + name, out double value) ? (long)value : 0;

    private long Sum(string name) => (long)Metrics.Where(m => m.Key.Split('{')[0] == Prefix + name).Sum(m => m.Value);
}
