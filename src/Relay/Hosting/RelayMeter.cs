using System.Diagnostics.Metrics;

namespace P2PCopy.Relay.Hosting;

/// <summary>
/// The metrics of a relay for listeners in the same process, such as OpenTelemetry: the meter <c>P2PCopy.Relay</c>. Only what describes the
/// relay is there; a host program has its own metrics of the process.
/// </summary>
internal sealed class RelayMeter : IDisposable
{
    public const string Name = "P2PCopy.Relay";

    private readonly Meter _meter = new(Name);

    public RelayMeter(RelayHub hub)
    {
        foreach (RelayMetric metric in RelayMetricList.Of(hub).Where(m => !m.IsOfProcess))
        {
            IEnumerable<Measurement<double>> Observe() => metric.Read().Select(v => new Measurement<double>(v.Value, Tags(v.Label)));
            string name = "p2pcopy.relay." + metric.Name.Replace("_total", string.Empty, StringComparison.Ordinal);
            if (metric.IsCounter)
                _meter.CreateObservableCounter(name, Observe, metric.Unit, metric.Help);
            else
                _meter.CreateObservableGauge(name, Observe, metric.Unit, metric.Help);
        }

        SessionSeconds = _meter.CreateHistogram<double>("p2pcopy.relay.session.duration", "s", "How long pairs lasted.");
        SessionBytes = _meter.CreateHistogram<double>("p2pcopy.relay.session.size", "By", "Bytes that pairs moved in both directions.");
    }

    public Histogram<double> SessionSeconds { get; }

    public Histogram<double> SessionBytes { get; }

    public void Dispose() => _meter.Dispose();

    /// <summary>The labels of the page, <c>from="send"</c>, as tags.</summary>
    private static KeyValuePair<string, object?>[] Tags(string? label)
        => label is null ? [] : [.. label.Split(',').Select(l => l.Split('=', 2)).Select(p => KeyValuePair.Create(p[0], (object?)p[1].Trim('"')))];
}
