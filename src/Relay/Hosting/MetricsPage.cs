using System.Globalization;
using System.Text;
using P2PCopy.Relay.Events;

namespace P2PCopy.Relay.Hosting;

/// <summary>The metrics of a relay as text for Prometheus (exposition format 0.0.4).</summary>
internal sealed class MetricsPage(RelayHub hub)
{
    public string Text()
    {
        var text = new StringBuilder();
        Add(text, "connections", "gauge", "Open connections, joined or not.", hub.Admission.Connections);
        Add(text, "members", "gauge", "Connections that have joined a room.", hub.MemberCount);
        Add(text, "rooms_waiting", "gauge", "Rooms in which one side waits.", hub.Rooms.Waiting);
        Add(text, "pairs", "gauge", "Rooms with both sides.", hub.Rooms.Pairs);
        Add(text, "draining", "gauge", "1 while the relay refuses joins because it is about to stop.", hub.Admission.IsDraining ? 1 : 0);
        Add(text, "joins_total", "counter", "Joins that were admitted.", hub.Counters.Joins);
        Add(text, "pairs_total", "counter", "Pairs that formed.", hub.Counters.Pairs);
        Head(text, "bytes_total", "counter", "Bytes forwarded, frame headers included, by the role that sent them.");
        Line(text, "bytes_total{from=\"send\"}", hub.Counters.BytesFrom(PeerRole.Send));
        Line(text, "bytes_total{from=\"receive\"}", hub.Counters.BytesFrom(PeerRole.Receive));
        Head(text, "refusals_total", "counter", "Clients that were refused or that broke a rule, by reason.");
        foreach ((string kind, long count) in hub.Counters.Refusals)
            Line(text, $"refusals_total{{reason=\"{kind}\"}}", count);
        Head(text, "session_seconds", "summary", "How long pairs lasted.");
        text.Append(CultureInfo.InvariantCulture, $"p2pcopy_relay_session_seconds_sum {hub.Counters.SessionMilliseconds / 1000.0:0.###}\n");
        Line(text, "session_seconds_count", hub.Counters.SessionsEnded);
        TokenUse[] tokens = [.. hub.Counters.Tokens];
        if (tokens.Length > 0)
        {
            Head(text, "token_joins_total", "counter", "Joins that were admitted, by the name of the token.");
            foreach (TokenUse token in tokens)
                Line(text, $"token_joins_total{{token=\"{token.Name}\"}}", token.Joins);
            Head(text, "token_bytes_total", "counter", "Bytes that clients sent, by the name of the token.");
            foreach (TokenUse token in tokens)
                Line(text, $"token_bytes_total{{token=\"{token.Name}\"}}", token.Bytes);
        }

        Add(text, "tls_handshake_failures_total", "counter", "TLS handshakes that failed.", hub.Counters.FailedHandshakes);
        if (hub.CertificateExpires is { } expires)
            Add(text, "certificate_expires_days", "gauge", "Whole days until the certificate in use expires; negative afterwards.", (long)Math.Floor((expires - hub.Clock.GetUtcNow()).TotalDays));
        Add(text, "events_lost_total", "counter", "Log events that could not be delivered.", hub.Events.Lost);
        return text.ToString();
    }

    private static void Add(StringBuilder text, string name, string type, string help, long value)
    {
        Head(text, name, type, help);
        Line(text, name, value);
    }

    private static void Head(StringBuilder text, string name, string type, string help)
        => text.Append(CultureInfo.InvariantCulture, $"# HELP p2pcopy_relay_{name} {help}\n# TYPE p2pcopy_relay_{name} {type}\n");

    private static void Line(StringBuilder text, string name, long value)
        => text.Append(CultureInfo.InvariantCulture, $"p2pcopy_relay_{name} {value}\n");
}
