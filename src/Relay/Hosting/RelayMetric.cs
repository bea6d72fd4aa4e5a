namespace P2PCopy.Relay.Hosting;

/// <summary>One metric of a relay, declared once for the page and for <see cref="System.Diagnostics.Metrics"/>.</summary>
/// <param name="Name">The name of the page, without the prefix of the relay if it is one of its own.</param>
/// <param name="Unit">The unit in UCUM, for listeners in the process; null without one.</param>
/// <param name="IsCounter">Whether it only grows; otherwise it is a gauge.</param>
/// <param name="Help">One sentence.</param>
/// <param name="Read">The values, each with its label, such as <c>from="send"</c>; null if there is none.</param>
internal sealed record RelayMetric(string Name, string? Unit, bool IsCounter, string Help, Func<IEnumerable<(string? Label, double Value)>> Read)
{
    /// <summary>The prefix of the relay's own metrics.</summary>
    public const string Prefix = "p2pcopy_relay_";

    /// <summary>Whether it describes the process, under a name that Prometheus clients share.</summary>
    public bool IsOfProcess => Name.StartsWith("process_", StringComparison.Ordinal);

    /// <summary>The name on the page.</summary>
    public string FullName => IsOfProcess ? Name : Prefix + Name;

    public static RelayMetric Gauge(string name, string? unit, string help, Func<double> read) => new(name, unit, false, help, () => [(null, read())]);

    public static RelayMetric Counter(string name, string? unit, string help, Func<double> read) => new(name, unit, true, help, () => [(null, read())]);
}
