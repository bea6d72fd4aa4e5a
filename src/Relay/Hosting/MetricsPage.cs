using System.Globalization;
using System.Text;
using P2PCopy.Relay.Events;

namespace P2PCopy.Relay.Hosting;

/// <summary>The metrics of a relay as text for Prometheus (exposition format 0.0.4).</summary>
internal sealed class MetricsPage(RelayHub hub)
{
    private readonly Lazy<IReadOnlyList<RelayMetric>> _metrics = new(() => RelayMetricList.Of(hub));

    public string Text()
    {
        var text = new StringBuilder();
        foreach (RelayMetric metric in _metrics.Value)
        {
            (string? Label, double Value)[] values = [.. metric.Read()];
            if (values.Length == 0)
                continue;
            Head(text, metric.FullName, metric.IsCounter ? "counter" : "gauge", metric.Help);
            foreach ((string? label, double value) in values)
                Line(text, label is null ? metric.FullName : $"{metric.FullName}{{{label}}}", value);
        }

        Histogram(text, "session_seconds", "How long pairs lasted.", hub.Counters.SessionSeconds);
        Histogram(text, "session_bytes", "Bytes that pairs moved in both directions.", hub.Counters.SessionBytes);
        return text.ToString();
    }

    private static void Histogram(StringBuilder text, string name, string help, ValueHistogram histogram)
    {
        string full = RelayMetric.Prefix + name;
        Head(text, full, "histogram", help);
        (IReadOnlyList<(double Bound, long Count)> buckets, long count, double sum) = histogram.Read();
        foreach ((double bound, long below) in buckets)
            Line(text, $"{full}_bucket{{le=\"{bound.ToString(CultureInfo.InvariantCulture)}\"}}", below);
        Line(text, full + "_bucket{le=\"+Inf\"}", count);
        Line(text, full + "_sum", sum);
        Line(text, full + "_count", count);
    }

    private static void Head(StringBuilder text, string name, string type, string help)
        => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static void Line(StringBuilder text, string name, double value)
        => text.Append(CultureInfo.InvariantCulture, $"{name} {Math.Round(value, 3)}\n");
}
