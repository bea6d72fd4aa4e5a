using System.Reflection;
using P2PCopy.Relay.Limits;

namespace P2PCopy.Relay.Hosting;

/// <summary>The metrics of a relay (docs/deployment.md).</summary>
internal static class RelayMetricList
{
    public static IReadOnlyList<RelayMetric> Of(RelayHub hub) =>
    [
        new("build_info", null, false, "Always 1; the labels are the versions of the relay and of .NET.", () => [($"version=\"{Version}\",dotnet=\"{Environment.Version}\"", 1)]),
        RelayMetric.Gauge("connections", "{connection}", "Open connections, joined or not.", () => hub.Admission.Connections),
        RelayMetric.Gauge("connections_limit", "{connection}", "Limit of connections, by the options and the system.", () => hub.Admission.MaxConnections),
        RelayMetric.Gauge("members", "{connection}", "Connections that have joined a room.", () => hub.MemberCount),
        RelayMetric.Gauge("rooms_waiting", "{room}", "Rooms in which one side waits.", () => hub.Rooms.Waiting),
        RelayMetric.Gauge("rooms_waiting_limit", "{room}", "Limit of rooms in which one side waits; 0 is without a limit.", () => hub.Options.MaxWaitingRooms),
        RelayMetric.Gauge("pairs", "{pair}", "Rooms with both sides.", () => hub.Rooms.Pairs),
        RelayMetric.Gauge("draining", null, "1 from the start of a drain until the relay ends.", () => hub.Admission.IsDraining ? 1 : 0),
        RelayMetric.Counter("joins_total", "{join}", "Joins that were admitted.", () => hub.Counters.Joins),
        RelayMetric.Counter("pairs_total", "{pair}", "Pairs that formed.", () => hub.Counters.Pairs),
        RelayMetric.Counter("direct_sessions_total", "{session}", "Sessions that had a direct connection, past this relay.", () => hub.Counters.DirectSessions),
        new("bytes_total", "By", true, "Bytes forwarded, frame headers included, by the role that sent them.",
            () => [("from=\"send\"", hub.Counters.BytesFrom(PeerRole.Send)), ("from=\"receive\"", hub.Counters.BytesFrom(PeerRole.Receive))]),
        RelayMetric.Gauge("bytes_today", "By", "Bytes forwarded on this day (UTC); counted only with a daily limit.", () => hub.Traffic.BytesOfDay),
        RelayMetric.Gauge("bytes_per_day_limit", "By", "Limit of bytes per day; 0 is without a limit.", () => hub.Options.MaxBytesPerDay),
        new("refusals_total", "{client}", true, "Clients that were refused or that broke a rule, by reason.",
            () => hub.Counters.Refusals.Select(r => ((string?)$"reason=\"{r.Key}\"", (double)r.Value))),
        new("token_joins_total", "{join}", true, "Joins that were admitted, by the name of the token.",
            () => OfTokens(hub, t => t.Joins)),
        new("token_connections", "{connection}", false, "Connections that have joined, by the name of the token.", () => OfTokens(hub, t => t.Connections)),
        new("token_connections_limit", "{connection}", false, "Limit of connections, by the name of the token; 0 is without a limit.",
            () => OfTokens(hub, t => t.Limits.Connections)),
        new("token_bytes_total", "By", true, "Bytes that clients sent, by the name of the token.",
            () => OfTokens(hub, t => t.Bytes)),
        new("token_rate_limit", "By/s", false, "Limit of bytes per second that clients send, by the name of the token; 0 is without a limit.",
            () => OfTokens(hub, t => t.Limits.Rate)),
        new("token_bytes_today", "By", false, "Bytes that clients sent on this day (UTC), by the name of the token.", () => OfTokens(hub, t => t.BytesOfDay)),
        new("token_bytes_per_day_limit", "By", false, "Limit of bytes per day that clients send, by the name of the token; 0 is without a limit.",
            () => OfTokens(hub, t => t.Limits.BytesPerDay)),
        RelayMetric.Counter("tls_handshake_failures_total", "{handshake}", "TLS handshakes that failed.", () => hub.Counters.FailedHandshakes),
        new("certificate_expires_days", "d", false, "Whole days until the certificate in use expires; negative afterwards.",
            () => hub.CertificateExpires is { } expires ? [(null, Math.Floor((expires - hub.Clock.GetUtcNow()).TotalDays))] : []),
        new("reload_failed", null, false, "1 while a file has changed and cannot be used, so that its last valid content is in use.", () => Reloads(hub)),
        RelayMetric.Counter("events_lost_total", "{event}", "Log events that could not be delivered or written.", () => hub.Events.Lost),
        .. ProcessMetrics.All,
    ];

    private static IEnumerable<(string? Label, double Value)> OfTokens(RelayHub hub, Func<TokenUse, double> value)
        => hub.Admission.Tokens.Named.Select(t => ((string?)$"token=\"{t.Name}\"", value(t)));

    private static IEnumerable<(string? Label, double Value)> Reloads(RelayHub hub)
    {
        if (hub.Certificate is { } certificate)
            yield return ("file=\"certificate\"", certificate.IsOutdated ? 1 : 0);
        if (hub.Admission.Tokens.IsFileOutdated is { } isOutdated)
            yield return ("file=\"tokens\"", isOutdated ? 1 : 0);
    }

    private static string Version
        => typeof(RelayHub).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
