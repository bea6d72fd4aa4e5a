using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using P2PCopy.Relay.Rooms;

namespace P2PCopy.Relay.Hosting;

/// <summary>Counters, and their text for Prometheus (exposition format 0.0.4).</summary>
internal sealed class RelayMetrics(RelayHub hub)
{
    private readonly ConcurrentDictionary<string, long> _refusals = new(StringComparer.Ordinal);
    private long _joins;
    private long _pairs;
    private long _bytesFromSenders;
    private long _bytesFromReceivers;
    private long _sessionMilliseconds;
    private long _sessionsEnded;

    /// <summary>Counts bytes that were passed on from a client of this role.</summary>
    public void Passed(PeerRole from, int bytes)
        => Interlocked.Add(ref from == PeerRole.Send ? ref _bytesFromSenders : ref _bytesFromReceivers, bytes);

    public void Joined(bool paired)
    {
        Interlocked.Increment(ref _joins);
        if (paired)
            Interlocked.Increment(ref _pairs);
    }

    public void Refused(string kind) => _refusals.AddOrUpdate(kind, 1, (_, n) => n + 1);

    public void Left(Member member)
    {
        // Both halves leave: the sender's leaving is the end of the session.
        if (member.Session is not { } session || member.Join.Role != PeerRole.Send)
            return;
        Interlocked.Add(ref _sessionMilliseconds, (long)hub.Clock.GetElapsedTime(session.Started).TotalMilliseconds);
        Interlocked.Increment(ref _sessionsEnded);
    }

    public string Text()
    {
        var text = new StringBuilder();
        Add(text, "connections", "gauge", "Open connections, joined or not.", hub.Admission.Connections);
        Add(text, "members", "gauge", "Connections that have joined a room.", hub.MemberCount);
        Add(text, "rooms_waiting", "gauge", "Rooms in which one side waits.", hub.Rooms.Waiting);
        Add(text, "pairs", "gauge", "Rooms with both sides.", hub.Rooms.Pairs);
        Add(text, "draining", "gauge", "1 while the relay is about to stop.", hub.IsDraining ? 1 : 0);
        Add(text, "joins_total", "counter", "Joins that were let in.", Interlocked.Read(ref _joins));
        Add(text, "pairs_total", "counter", "Pairs that formed.", Interlocked.Read(ref _pairs));
        Head(text, "bytes_total", "counter", "Bytes passed on, frame headers included, by the role they came from.");
        Line(text, "bytes_total{from=\"send\"}", Interlocked.Read(ref _bytesFromSenders));
        Line(text, "bytes_total{from=\"receive\"}", Interlocked.Read(ref _bytesFromReceivers));
        Head(text, "refusals_total", "counter", "Clients that were refused or ended for breaking a rule, by reason.");
        foreach ((string kind, long count) in _refusals.OrderBy(r => r.Key, StringComparer.Ordinal))
            Line(text, $"refusals_total{{reason=\"{kind}\"}}", count);
        Head(text, "session_seconds", "summary", "How long pairs lasted.");
        text.Append(CultureInfo.InvariantCulture, $"p2pcopy_relay_session_seconds_sum {Interlocked.Read(ref _sessionMilliseconds) / 1000.0:0.###}\n");
        Line(text, "session_seconds_count", Interlocked.Read(ref _sessionsEnded));
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
